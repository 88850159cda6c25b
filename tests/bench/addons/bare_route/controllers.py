from odoo.http import Controller, request, route


class BareRoute(Controller):

    @route('/bare_route', type='http', auth='none', methods=['POST'], csrf=False, save_session=False)
    def receive(self):
        """Take a body like the webhook's and do nothing with it. :return: an empty answer, 200"""
        return request.make_response('')
