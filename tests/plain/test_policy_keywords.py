"""What somebody who writes a word like STOP wants."""

import pytest
from policy.keywords import LONGEST, Found, Keyword, Matcher, Wish, match, normalise

SHIPPED = [
    *(Keyword(word, 'stop', 'en') for word in ('stop', 'unsubscribe', 'opt out', 'remove me')),
    *(Keyword(word, 'stop', 'es') for word in ('baja', 'dar de baja', 'no más mensajes')),
    *(Keyword(word, 'stop', 'pt') for word in ('parar', 'sair', 'cancelar inscrição')),
    *(Keyword(word, 'stop', 'fr') for word in ('arrêt', 'désabonner')),
    *(Keyword(word, 'stop', 'de') for word in ('stopp', 'abmelden', 'aufhören')),
    *(Keyword(word, 'stop', 'it') for word in ('basta', 'cancellami')),
    Keyword('start', 'start', 'en'), Keyword('alta', 'start', 'es'),
]


def wish(text):
    found = match(text, SHIPPED)
    return found and found.wish


# --- The whole message is a keyword ---------------------------------------------------------------------------------


@pytest.mark.parametrize('text', [
    'stop', 'STOP', 'Stop', ' stop ', 'stop\n', 'Stop!', '"STOP"', 'stop...', '*STOP*', '¡STOP!', '(stop)', 'S.T.O.P.',
    's t o p', 'STOP 🛑', '🛑🛑 stop 🛑', 'stop ✋🏽', 'stop👨‍👩‍👧', 'ＳＴＯＰ', '𝗦𝗧𝗢𝗣', '𝓢𝓽𝓸𝓹', 'st\u200bop', 'stóp',
    'stop stop stop',
    'STOP! STOP!', 'Stop please', 'please stop', 'Stop, thank you!', 'hello stop', 'opt-out', 'Opt  Out', 'remove me.',
])
def test_a_stop_word_alone_is_a_stop_however_it_is_written(text):
    assert wish(text) is Wish.STOP


@pytest.mark.parametrize('text', [
    'Baja', 'BAJA por favor', 'dar de baja', 'NO MAS MENSAJES', 'no más mensajes', '¡Baja! Gracias',
    'Parar', 'cancelar inscricao', 'Cancelar Inscrição', 'sair, por favor',
    'Arret', 'ARRÊT', 'arre\u0302t', 'désabonner svp', 'desabonner',
    'Stopp', 'stopp bitte', 'ABMELDEN!', 'Aufhoren', 'aufhören, danke',
    'Basta!', 'basta per favore', 'Cancellami',
])
def test_a_stop_word_of_each_language_is_a_stop(text):
    assert wish(text) is Wish.STOP


@pytest.mark.parametrize(('word', 'text'), [
    ('стоп', 'СТОП!'), ('توقف', 'توقّف'), ('停止', '停止。'), ('הסר', 'הסר 🙏'), ('रोकें', 'रोकें!'), ('dur', 'DUR'),
    ('σταμάτα', 'ΣΤΑΜΑΤΑ'), ('strasse', 'Straße'),
])
def test_a_word_of_ones_own_may_be_in_any_script(word, text):
    assert match(text, [Keyword(word, 'stop', 'xx')]) == Found(Wish.STOP, ('xx',))


@pytest.mark.parametrize('text', ['Start', 'START!', 'start ✅', 'Alta por favor'])
def test_a_start_word_alone_is_a_start(text):
    assert wish(text) is Wish.START


def test_it_is_told_in_which_language():
    assert match('baja', SHIPPED).languages == ('es',)


def test_a_word_of_several_languages_is_told_with_all_of_them():
    keywords = [Keyword('Stop', 'stop', 'en'), Keyword('STOP', 'stop', 'de')]
    assert match('stop', keywords).languages == ('en', 'de')


def test_between_stop_and_start_the_stop_wins():
    assert match('halt', [Keyword('halt', 'start'), Keyword('halt', 'stop')]).wish is Wish.STOP


# --- A wish in a longer message -------------------------------------------------------------------------------------


@pytest.mark.parametrize('text', [
    'stop sending me this please', 'Please STOP texting me!!', 'could you stop messaging me', 'Stop these messages',
    'please stop all the ads', 'take me off your list', 'Remove my number from your database', 'unsubscribe me now',
    'I want to unsubscribe', 'I want to opt out of this', "don't message me again", 'Do not contact me any more',
    'dont text me', 'no more marketing messages', "I don't want your messages", 'I no longer wish to receive offers',
    'leave me alone', 'I told you already. STOP!', "Don't send me any more offers",
])
def test_a_wish_in_english_looks_like_a_stop(text):
    assert wish(text) is Wish.LOOKS_LIKE_STOP


@pytest.mark.parametrize('text', [
    'no me escribas más', 'No me escriban mas por favor', 'no me mandes más mensajes', 'no me envíen publicidad',
    'dejen de escribirme', 'Deja de mandarme mensajes', 'para de enviarme ofertas', 'no quiero más mensajes',
    'No quiero recibir publicidad', 'quiero darme de baja', 'dadme de baja ya', 'Denme de baja de esta lista',
    'bórrame de la lista', 'elimínenme de su base de datos', 'no me vuelvas a escribir', 'no me contacten más',
    'No me molestes',
])
def test_a_wish_in_spanish_looks_like_a_stop(text):
    assert wish(text) is Wish.LOOKS_LIKE_STOP


@pytest.mark.parametrize('text', [
    'não me mande mais mensagens', 'nao envie mais', 'Não me escrevam mais', 'pare de me enviar mensagens',
    'parem de mandar propaganda', 'não quero receber mensagens', 'Não quero mais promoções', 'me tire da lista',
    'remova-me da sua lista', 'quero cancelar a inscrição já', 'me descadastrem',
])
def test_a_wish_in_portuguese_looks_like_a_stop(text):
    assert wish(text) is Wish.LOOKS_LIKE_STOP


@pytest.mark.parametrize('text', [
    "ne m'écrivez plus", "n'envoyez plus rien", 'Ne me contactez plus', "arrêtez de m'envoyer des messages",
    'arrête de m’écrire', 'arrêtez vos messages', 'je ne veux plus recevoir vos messages', 'stop aux messages',
    'Plus de publicité merci', 'je souhaite me désabonner', 'désabonnez-moi', 'retirez-moi de votre liste',
    'Je ne souhaite plus être contactée', 'STOP pub',
])
def test_a_wish_in_french_looks_like_a_stop(text):
    assert wish(text) is Wish.LOOKS_LIKE_STOP


@pytest.mark.parametrize('text', [
    'Schreiben Sie mir nicht mehr', 'schreib mir bitte nie wieder', 'Bitte senden Sie mir keine Nachrichten mehr',
    'keine Werbung mehr!', 'Ich möchte keine Nachrichten mehr erhalten', 'Hört auf, mir zu schreiben',
    'Hören Sie bitte auf mir zu schreiben', 'Stoppt die Werbung', 'Melden Sie mich bitte ab',
    'meldet mich vom Newsletter ab',
    'Ich will mich abmelden', 'Löschen Sie mich aus der Liste', 'Nehmen Sie meine Nummer bitte aus dem Verteiler',
    'Lassen Sie mich in Ruhe',
])
def test_a_wish_in_german_looks_like_a_stop(text):
    assert wish(text) is Wish.LOOKS_LIKE_STOP


@pytest.mark.parametrize('text', [
    'non scrivetemi più', 'Non mi scrivete più', 'non mandatemi altri messaggi più',
    'smettetela subito, smettete di scrivermi',
    'basta messaggi', 'Basta con questi messaggi', 'non voglio più ricevere offerte',
    'Non voglio ricevere pubblicità',
    'cancellatemi dalla lista', 'rimuovetemi dai vostri contatti', 'vorrei disiscrivermi',
    'annullate la mia iscrizione',
])
def test_a_wish_in_italian_looks_like_a_stop(text):
    assert wish(text) is Wish.LOOKS_LIKE_STOP


# --- Ordinary messages ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize('text', [
    'bus stop', 'I am at the bus stop', "don't stop!", "Don't stop sending me these, I love them",
    'never stop texting me',
    'Please do not stop the messages', 'stopp by tomorrow', 'I will stop by tomorrow', 'Can you stop by at five?',
    'stopover in Madrid', 'non-stop flight', 'When do you stop selling it?', 'The rain has stopped', 'unstoppable',
    'start tomorrow at nine', 'How do I start?', 'ok', 'please', 'thank you', '🙏', '', '   ', '...', 'Hello',
    'send me the invoice', 'Please delete my order', 'remove the second item',
    'estoy de baja por enfermedad', 'planta baja', 'la baja por maternidad', '¿Me escribes mañana?', 'baja el precio',
    'no me mandes el paquete a casa', 'No me envíe la factura todavía', 'no me escribas a la oficina',
    'não me mande a fatura', 'vou sair agora', 'posso parar o carro aqui?', 'mande mais informações',
    "l'arrêt de bus", 'je veux recevoir vos messages', 'ne pas oublier', 'arrête-toi demain', 'plus de détails svp',
    'Wo ist die Haltestelle?', 'schreiben Sie mir morgen', 'Stopp an der Ecke', 'Ich melde mich morgen',
    'keine Nachricht bekommen?', 'basta così, due bastano', 'non ho più domande', 'mandatemi il preventivo',
    'cancellate il mio ordine', None,
])
def test_an_ordinary_message_is_none(text):
    assert wish(text) is None


def test_a_letter_is_no_command():
    assert wish('stop sending me this ' + 'x' * LONGEST) is None


def test_a_hostile_text_costs_no_more_than_its_length():
    assert wish('stop ' * 190) is None
    assert wish('no me ' * 160) is None
    assert wish('please ' * 140) is None


def test_a_keyword_without_letters_is_none():
    assert Matcher([Keyword('🛑', 'stop')]).match('🛑') is None


def test_texts_are_compared_by_their_letters():
    assert normalise(' ¡Dár  de BAJA! 🛑') == 'dar de baja'
