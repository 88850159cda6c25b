"""The message templates of the default world."""


def body(text, *examples):
    """Return a BODY with positional examples."""
    component = {'type': 'BODY', 'text': text}
    if examples:
        component['example'] = {'body_text': [list(examples)]}
    return component


def named_body(text, **examples):
    """Return a BODY with named examples."""
    params = [{'param_name': name, 'example': value} for name, value in examples.items()]
    return {'type': 'BODY', 'text': text, 'example': {'body_text_named_params': params}}


def header(text, *examples):
    """Return a text HEADER."""
    component = {'type': 'HEADER', 'format': 'TEXT', 'text': text}
    if examples:
        component['example'] = {'header_text': list(examples)}
    return component


def media(kind):
    """Return a HEADER of kind IMAGE, VIDEO or DOCUMENT."""
    handle = f'https://scontent.example.net/sample-{kind.lower()}'
    return {'type': 'HEADER', 'format': kind, 'example': {'header_handle': [handle]}}


def footer(text):
    """Return a FOOTER."""
    return {'type': 'FOOTER', 'text': text}


def buttons(*items):
    """Return BUTTONS."""
    return {'type': 'BUTTONS', 'buttons': list(items)}


def reply(text):
    """Return a quick reply button."""
    return {'type': 'QUICK_REPLY', 'text': text}


def link(text, url, example=None):
    """Return a URL button; with an example it takes a parameter at its end."""
    button = {'type': 'URL', 'text': text, 'url': url}
    if example:
        button['example'] = [example]
    return button


def otp(text='*{{1}}* is your verification code.', label='Copy code'):
    """Return the components Meta lists for an authentication template."""
    url = 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}'
    return (
        {**body(text, '123456'), 'add_security_recommendation': False},
        buttons(link(label, url, 'https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp123456')),
    )


STOP = reply('Stop promotions')
SHOP = 'https://shop.example.com'

# (name, language, category, status, components)
ROWS = (
    ('hello_world', 'en_US', 'UTILITY', 'APPROVED', (
        header('Hello World'),
        body('Welcome and congratulations!! This message demonstrates your ability to send a WhatsApp message'
             ' notification from the Cloud API, hosted by Meta. Thank you for taking the time to test with us.'),
        footer('WhatsApp Business Platform sample message'))),
    ('order_update', 'en', 'UTILITY', 'APPROVED', (
        body('Hi {{1}}, your order {{2}} is on its way. We will tell you as soon as it arrives.', 'Mira', 'S00042'),)),
    ('order_update', 'es', 'UTILITY', 'APPROVED', (
        body('Hola {{1}}, tu pedido {{2}} está en camino. Te avisaremos en cuanto llegue.', 'Mira', 'S00042'),)),
    ('order_update', 'pt_BR', 'UTILITY', 'APPROVED', (
        body('Olá {{1}}, seu pedido {{2}} está a caminho. Avisaremos assim que chegar.', 'Mira', 'S00042'),)),
    ('welcome_offer', 'en_US', 'MARKETING', 'APPROVED', (
        body('Hi {{1}}, welcome to our shop! Your first order ships for free this week.', 'Mira'),
        footer('Tap Stop promotions and we will not write again.'), buttons(STOP))),
    ('welcome_offer', 'es', 'MARKETING', 'APPROVED', (
        body('Hola {{1}}, ¡te damos la bienvenida! Tu primer pedido va sin gastos de envío.', 'Mira'),
        buttons(reply('No más promociones')))),
    ('appointment_reminder', 'en_US', 'UTILITY', 'APPROVED', (
        named_body('Hi {{first_name}}, this is a reminder of your appointment on {{date}}. See you soon.',
                   first_name='Mira', date='12 June'),
        buttons(reply('Confirm'), reply('Change')))),
    ('appointment_reminder', 'pt_BR', 'UTILITY', 'APPROVED', (
        named_body('Olá {{first_name}}, lembramos seu horário em {{date}}. Até breve.',
                   first_name='Mira', date='12 de junho'),)),
    ('invoice_ready', 'en_US', 'UTILITY', 'APPROVED', (
        media('DOCUMENT'), body('Hello {{1}}, invoice {{2}} is attached. Thank you for your business.',
                                'Mira', 'INV/0042'))),
    ('invoice_ready', 'es', 'UTILITY', 'APPROVED', (
        media('DOCUMENT'), body('Hola {{1}}, adjuntamos la factura {{2}}. Gracias por tu confianza.',
                                'Mira', 'INV/0042'))),
    ('new_collection', 'en_US', 'MARKETING', 'APPROVED', (
        media('IMAGE'), body('Hi {{1}}, the new collection is here. Have a look before it is gone.', 'Mira'),
        buttons(STOP, link('See it', f'{SHOP}/new')))),
    ('new_collection', 'pt_BR', 'MARKETING', 'APPROVED', (
        media('IMAGE'), body('Olá {{1}}, a nova coleção chegou. Venha conhecer.', 'Mira'),
        buttons(reply('Parar promoções')))),
    ('track_parcel', 'en_US', 'UTILITY', 'APPROVED', (
        header('Parcel {{1}}', 'P-118'), body('Your parcel has left our warehouse. Follow it with the button below.'),
        buttons(link('Track', SHOP + '/track/{{1}}', f'{SHOP}/track/P-118')))),
    ('track_parcel', 'es', 'UTILITY', 'APPROVED', (
        header('Paquete {{1}}', 'P-118'), body('Tu paquete ha salido de nuestro almacén. Síguelo con el botón.'),
        buttons(link('Seguir', SHOP + '/track/{{1}}', f'{SHOP}/track/P-118')))),
    ('coupon_week', 'en_US', 'MARKETING', 'APPROVED', (
        body('Hi {{1}}, your coupon is waiting until {{2}}. Copy it with the button below.', 'Mira', 'Sunday'),
        buttons(STOP, {'type': 'COPY_CODE', 'text': 'Copy offer code', 'example': ['25OFF']}))),
    ('login_code', 'en_US', 'AUTHENTICATION', 'APPROVED', otp()),
    ('login_code', 'es', 'AUTHENTICATION', 'APPROVED', otp('*{{1}}* es tu código de verificación.', 'Copiar código')),
    ('login_code', 'pt_BR', 'AUTHENTICATION', 'APPROVED', otp('*{{1}}* é seu código de verificação.', 'Copiar')),
    ('payment_received', 'en_US', 'UTILITY', 'APPROVED', (
        body('Hello {{1}}, we have received your payment of {{2}} for order {{3}}. Thank you.',
             'Mira', '39 EUR', 'S00042'),)),
    ('feedback_request', 'en_US', 'MARKETING', 'APPROVED', (
        named_body('Hi {{first_name}}, how did you like {{product_name}}? Tell us with one tap.',
                   first_name='Mira', product_name='the bicycle bag'),
        buttons(reply('Great'), reply('Not so great'), STOP))),
    ('back_in_stock', 'en_US', 'MARKETING', 'APPROVED', (
        header('Good news'), body('Hi {{1}}, {{2}} is back in stock. We have put one aside for you.',
                                  'Mira', 'the red helmet'),
        footer('You asked us to tell you.'),
        buttons(STOP, link('Open', SHOP + '/p/{{1}}', f'{SHOP}/p/helmet')))),
    ('support_hours', 'en_US', 'UTILITY', 'APPROVED', (
        body('Our support is open from 9 to 17 on weekdays. Answer this message or call us.'),
        buttons({'type': 'PHONE_NUMBER', 'text': 'Call us', 'phone_number': '+34910000111'}))),
    ('how_to_video', 'en_US', 'MARKETING', 'APPROVED', (
        media('VIDEO'), body('Hi {{1}}, this short film shows how to set the brakes.', 'Mira'), buttons(STOP))),
    ('loyalty_points', 'es', 'MARKETING', 'APPROVED', (
        body('Hola {{1}}, tienes {{2}} puntos para gastar este mes.', 'Mira', '120'),
        buttons(reply('No más promociones')))),
    ('spring_sale', 'en_US', 'MARKETING', 'PENDING', (
        body('Hi {{1}}, the spring sale starts on {{2}}. Be quick.', 'Mira', 'Monday'), buttons(STOP))),
    ('flash_deal', 'en_US', 'MARKETING', 'REJECTED', (
        body('Buy now {{1}}, only today, everything must go.', 'Mira'), buttons(STOP))),
    ('winter_sale', 'en_US', 'MARKETING', 'PAUSED', (
        body('Hi {{1}}, the winter sale has begun. Come and see.', 'Mira'), buttons(STOP))),
    ('old_promo', 'en_US', 'MARKETING', 'DISABLED', (
        body('Hi {{1}}, we have not seen you for a while. Come back soon.', 'Mira'), buttons(STOP))),
    ('delivery_slot', 'pt_BR', 'UTILITY', 'APPROVED', (
        body('Olá {{1}}, sua entrega será em {{2}} pela manhã.', 'Mira', '12 de junho'),
        buttons(reply('Confirmar'), reply('Mudar')))),
    ('refund_done', 'en_US', 'UTILITY', 'PENDING', (
        body('Hello {{1}}, your refund of {{2}} is on its way to you.', 'Mira', '39 EUR'),)),
)
QUALITY = {'APPROVED': 'GREEN', 'PAUSED': 'RED', 'DISABLED': 'RED'}
REASONS = {'REJECTED': 'PROMOTIONAL'}


def default_templates(first_id):
    """Return the templates as the Graph API stores them, numbered from `first_id`."""
    return [as_listed(first_id + 17 * position, row) for position, row in enumerate(ROWS)]


def as_listed(template_id, row):
    """Return a row like those of ROWS as the Graph API stores it."""
    name, language, category, status, components = row
    named = any('body_text_named_params' in item.get('example', {}) for item in components)
    return {
        'id': str(template_id),
        'name': name,
        'language': language,
        'category': category,
        'status': status,
        'parameter_format': 'NAMED' if named else 'POSITIONAL',
        'components': [dict(item) for item in components],
        'quality_score': {'score': QUALITY.get(status, 'UNKNOWN'), 'date': 1795430400},
        'rejected_reason': REASONS.get(status, 'NONE'),
    }
