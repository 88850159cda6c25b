"""Words and addresses that make reviewers look twice, in six languages. [own, after M26:template_review]

Compared in lower case without accents. A language's words only count in its own templates: "sale" sells in English and
leaves the house in Spanish. What an invoice or a quotation may well say (German "Angebot") is not in the lists.
"""

import re
import unicodedata

_PROMOTIONAL = {
    'en': (
        '(?<!point of )sale(?! orders?)', 'discounts?', '(?:special|exclusive|limited|great|best|hot) offers?',
        'offer ends', 'our offers', 'promo(?:tion|tions|tional|s)?', 'coupons?', 'deals?', '[0-9]+ ?% off',
        'off your (?:next|first)', '(?:buy|shop|order) now', 'free (?:gift|shipping|delivery|trial)',
        '(?:don t|do not) miss', 'hurry', 'new (?:collection|arrivals)', 'black friday', 'cyber monday', 'last chance',
        'save (?:up to )?[0-9]+', 'best prices?', '(?:check out|discover) our', 'refer a friend',
        'invite your friends', 'limited time', 'while stocks? lasts?', 'back in stock', 'giveaway', 'cashback'),
    'es': (
        'rebajas?', 'descuentos?', 'ofertas?', 'promo(?:cion|ciones|cional|s)?', 'cupon(?:es)?', 'regalos?', 'gratis',
        'compra(?:r)? (?:ya|ahora)', 'envio gratuito', 'no te (?:lo|la|los|las) pierdas', 'no se (?:lo|la) pierda',
        'nueva coleccion', 'novedades', 'black friday', 'ultimos dias', 'ultima oportunidad',
        'ahorra(?:r)? (?:hasta )?[0-9]+', 'mejor(?:es)? precios?', 'descubre nuestr[oa]s?', 'invita a tus amigos',
        'tiempo limitado', 'sorteo', 'aprovecha', 'liquidacion de (?:stock|temporada)'),
    'pt': (
        'descontos?', 'ofertas?', 'promo(?:cao|coes|cional|s)?', 'cupo(?:m|ns)', 'compre (?:ja|agora)', 'brindes?',
        'gratis', '(?:frete|portes) gratis', 'nao perca', 'nova colecao', 'novidades', 'black friday', 'ultimos dias',
        'ultima chance', 'poupe (?:ate )?[0-9]+', 'economize', 'melhor(?:es)? precos?', 'conheca noss[oa]s?',
        'convide seus amigos', 'tempo limitado', 'sorteio', 'aproveite', 'queima de estoque'),
    'fr': (
        'soldes', 'remises?', 'rabais', 'offres? (?:speciales?|exclusives?|limitees?)', 'nos offres',
        'promo(?:tion|tions|s)?', 'codes? promo', 'bons? de reduction', 'reductions?', 'achetez (?:maintenant|vite)',
        'cadeaux?', 'livraison (?:gratuite|offerte)', 'gratuit(?:e|s|es)?', 'ne (?:manquez|ratez) pas',
        'nouvelle collection', 'nouveautes', 'black friday', 'derniers jours', 'derniere chance', 'economisez',
        'meilleurs? prix', 'decouvrez (?:nos|notre)', 'parrainez', 'duree limitee', 'profitez', 'bons plans?'),
    'de': (
        'rabatte?', 'sonderangebote?', 'angebote', 'sale', 'schnappchen', 'gutscheine?', 'gutscheincode',
        'aktionscode', 'jetzt (?:kaufen|shoppen|sichern)', 'gratis', 'versandkostenfrei', 'nicht verpassen',
        'neue kollektion', 'neuheiten', 'black friday', 'letzte (?:chance|tage)', 'sparen sie',
        'spar(?:e|t) (?:bis zu )?[0-9]+', 'bestpreise?', 'entdecke(?:n sie)? unsere?n?', 'freunde werben',
        'nur (?:heute|fur kurze zeit)', 'gewinnspiel', 'solange der vorrat reicht'),
    'it': (
        'saldi', 'sconti?o?', 'offerte', 'offerta (?:speciale|esclusiva|limitata)', 'promo(?:zione|zioni|zionale)?',
        'coupon', 'buoni? sconto', '(?:compra|acquista) (?:ora|subito)', 'regal[oi]', 'gratis',
        'spedizione gratuita', 'non (?:perdere|perdetevi|perderti)', 'nuova collezione', 'novita', 'black friday',
        'ultimi giorni', 'ultima occasione', 'risparmia(?:te)?', 'miglior(?:i)? prezz[oi]',
        'scopri (?:i nostri|le nostre|la nostra|il nostro)', 'invita i tuoi amici', 'tempo limitato',
        'approfitta(?:ne)?', 'imperdibil[ei]'),
}
_CODES = {
    'en': ('(?:verification|security|login|sign in|access) code', 'one time (?:code|password|pin)', 'otp'),
    'es': ('codigo de (?:verificacion|seguridad|acceso|un solo uso)', '(?:clave|contrasena) de un solo uso'),
    'pt': ('codigo de (?:verificacao|seguranca|acesso|uso unico)', 'senha de uso unico'),
    'fr': ('code de (?:verification|securite|connexion)', '(?:code|mot de passe) a usage unique'),
    'de': ('(?:bestatigungs|verifizierungs|sicherheits|anmelde|einmal)code', 'einmalpasswort'),
    'it': ('codice di (?:verifica|sicurezza|accesso)', '(?:codice|password) monouso'),
}
#: On a button or in a footer: how to stop.
_STOP = re.compile(
    r'\b(?:stop\w*|unsubscribe|opt out|no more|not interested|baja|no mas|no quiero|dejar de|cancelar|parar|pare|sair'
    r'|descadastr\w+|nao (?:quero|receber)|desabonn\w+|desinscri\w+|arret\w*|plus de|abmelden|abbestellen|keine \w+'
    r'|austragen|disiscri\w+|cancella\w*|basta|non voglio|niente piu)\b')

#: Hosts that hide where a link leads. [M26:template_review names link shorteners; the list is ours]
SHORTENERS = frozenset({
    'bit.ly', 'tinyurl.com', 'goo.gl', 't.co', 'ow.ly', 'is.gd', 'buff.ly', 'rebrand.ly', 'cutt.ly', 'shorturl.at',
    'rb.gy', 'tiny.cc', 't.ly', 'bl.ink', 's.id', 'lnkd.in', 'v.gd', 'soo.gd', 'adf.ly', 'bit.do', 'shorte.st', 'n9.cl',
    'acortar.link', 'encurtador.com.br', 'urlz.fr', 'dub.sh',
})
#: WhatsApp's own, which lead out of the conversation into another. [M26:template_review]
WHATSAPP = frozenset({'wa.me', 'api.whatsapp.com', 'chat.whatsapp.com', 'wa.link', 'whatsapp.com', 'www.whatsapp.com'})

_LINK = re.compile(r'(?:(https?)://|(?<![\w/@.:-]))((?:[a-z0-9-]+\.)+[a-z]{2,})(?=[/?#\s.,;:!)\]]|$)', re.IGNORECASE)


def _compiled(phrases):
    return {language: re.compile(rf'(?<!\w)(?:{"|".join(items)})(?!\w)') for language, items in phrases.items()}


_PROMOTIONAL_IN, _CODES_IN = _compiled(_PROMOTIONAL), _compiled(_CODES)


def promotional(text, language):
    """:return: words of an advertisement in a text, each once, as compared."""
    return _found(_PROMOTIONAL_IN, text, language)


def codes(text, language):
    """:return: words that announce a sign-in code."""
    return _found(_CODES_IN, text, language)


def _found(patterns, text, language):
    pattern = patterns.get(language.split('_')[0])
    return list(dict.fromkeys(pattern.findall(_folded(text)))) if pattern else []


def tells_how_to_stop(text):
    """:return: whether a label or a footer names a way to stop."""
    return bool(_STOP.search(_folded(text)))


def links(text):
    """:return: pairs of scheme (``https``, ``http``, '') and host of the addresses in a text, lower case."""
    return [(scheme.lower(), host.lower()) for scheme, host in _LINK.findall(text)]


def _folded(text):
    letters = unicodedata.normalize('NFKD', text.casefold())
    plain = ''.join(char for char in letters if not unicodedata.combining(char))
    return re.sub(r"[\s'’-]+", ' ', plain)
