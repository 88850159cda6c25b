"""A logged-in person, over the same calls as the web client's."""
import requests


class OdooError(Exception):
    """Odoo refused a call; the text is what the user would read."""


class Session:
    """One person logged into one database."""

    def __init__(self, url, database, login, password):
        """:param str url: of Odoo, without a slash at the end."""
        self._url = url
        self._http = requests.Session()
        self.uid = self._post('/web/session/authenticate', db=database, login=login, password=password)['uid']

    def call(self, model, method, *args, **kwargs):
        """Call a model method with this person's rights."""
        return self._post(f'/web/dataset/call_kw/{model}/{method}', model=model, method=method, args=args,
                          kwargs=kwargs)

    def create(self, model, values):
        return self.call(model, 'create', [values])[0]

    def search(self, model, domain, **kwargs):
        return self.call(model, 'search', domain, **kwargs)

    def read(self, model, domain, fields, **kwargs):
        return self.call(model, 'search_read', domain, fields, **kwargs)

    def count(self, model, domain):
        return self.call(model, 'search_count', domain)

    def press(self, model, record_id, method):
        """Press a button on one record."""
        return self.call(model, method, [record_id])

    def _post(self, path, **params):
        answer = self._http.post(f'{self._url}{path}', json={'jsonrpc': '2.0', 'params': params}, timeout=120)
        answer.raise_for_status()
        body = answer.json()
        if 'error' in body:
            raise OdooError(body['error']['data']['message'])
        return body.get('result')  # Odoo leaves out None
