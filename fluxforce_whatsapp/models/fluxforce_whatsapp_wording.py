from odoo import api, models
from odoo.tools import format_datetime

from ..cloud_api.words import Words


class FluxforceWhatsappWording(models.AbstractModel):
    """Says in words what Meta reports in codes; a code that nobody knows is shown as it is."""

    _name = 'fluxforce.whatsapp.wording'
    _description = 'WhatsApp Wording'

    @api.model
    def _of(self, what, code):
        """:param str what: which codes, e.g. ``violation``. :return: the words, '' for no code."""
        return getattr(self, f'_{what}_words')().get(code, code) if code else ''

    @api.model
    def _sentence(self, *parts):
        """:return: the parts that say something, one after the other."""
        return ' '.join(part.strip() for part in parts if part and part.strip())

    @api.model
    def _refusal(self, error):
        """:param Exception error: why a message cannot be sent, a PayloadError as a rule
        :return: what it says, in the user's language"""
        return self._put_together(getattr(error, 'words', str(error)))

    def _put_together(self, words):
        if not isinstance(words, Words):
            return words
        # The texts are marked for translation where they are written, in cloud_api.
        return self.env._(words.text, **{name: self._put_together(part) for name, part in words.parts.items()})

    @api.model
    def _moment(self, moment, account):
        """:return: a moment as who is responsible for the account reads it, with its time zone."""
        zone = account._responsible().tz or 'UTC'
        return f'{format_datetime(self.env, moment, tz=zone)} ({zone})'

    # ------------------------------------------------------------
    # TEMPLATES
    # ------------------------------------------------------------

    def _template_event_words(self):
        return {
            'PAUSED': self.env._('Meta has paused the template.'),
            'DISABLED': self.env._('Meta has disabled the template for good.'),
            'REJECTED': self.env._('Meta has rejected the template.'),
            'FLAGGED': self.env._(
                'Meta has flagged the template: people dislike it, and it will be disabled if that goes on.'),
            'LOCKED': self.env._('Meta has locked the template.'),
            'LIMIT_EXCEEDED': self.env._('The account holds more templates than Meta allows.'),
            'PENDING_DELETION': self.env._('The template is being deleted at Meta.'),
            'DELETED': self.env._('The template was deleted at Meta.'),
            'ARCHIVED': self.env._('The template was archived at Meta.'),
            'IN_APPEAL': self.env._('Meta looks at its decision again.'),
        }

    def _pause_words(self):
        return {
            'FIRST_PAUSE': self.env._('It is the first pause, for three hours.'),
            'SECOND_PAUSE': self.env._('It is the second pause, for six hours; the next time it is disabled for good.'),
            'RATE_LIMITING_PAUSE': self.env._(
                'Meta let a part of the messages out first, and the people who got them did not like them.'),
            'DISABLED': '',
            'UNPAUSE': '',
        }

    def _rejection_words(self):
        return {
            'ABUSIVE_CONTENT': self.env._('Meta takes its text for abusive.'),
            'INCORRECT_CATEGORY': self.env._('Its text does not fit its category.'),
            'INVALID_FORMAT': self.env._('Its form is not valid.'),
            'PROMOTIONAL': self.env._('Its text advertises, which its category does not allow.'),
            'SCAM': self.env._('Meta takes its text for a fraud.'),
            'TAG_CONTENT_MISMATCH': self.env._('Its language or category does not fit its text.'),
            'CATEGORY_NOT_AVAILABLE': self.env._('Its category cannot be used by this account.'),
        }

    @api.model
    def _rejection_remedy(self, code):
        """:param str code: why Meta rejected a template. :return: what to change in it."""
        return self._remedy_words().get(code) or self.env._(
            'Meta gives no reason that says more. Look at the advice beside the parts, compare the text with the '
            'category, and ask for another review in WhatsApp Manager if you think that Meta is wrong.')

    def _remedy_words(self):
        return {
            'ABUSIVE_CONTENT': self.env._(
                'Leave out threats, insults and anything that presses people; say plainly who writes and why.'),
            'CATEGORY_NOT_AVAILABLE': self.env._('Choose another category.'),
            'INCORRECT_CATEGORY': self.env._(
                'Choose the category Marketing, or leave only what is about the order, booking or request of the '
                'person.'),
            'INVALID_FORMAT': self.env._(
                'Look at the variables: none at the beginning or end, none side by side, each with a sample that '
                'reads like a real one. Correct misspelt words and links.'),
            'PROMOTIONAL': self.env._(
                'Leave out offers, discounts and invitations to buy, or choose the category Marketing.'),
            'SCAM': self.env._(
                'Name your business, use only links to its own website, no shortened ones, and do not ask for '
                'passwords, card or bank data.'),
            'TAG_CONTENT_MISMATCH': self.env._(
                'Choose the language in which the text is written, and the category it belongs to; do not mix '
                'languages.'),
        }

    def _category_words(self):
        """:return: categories as people see them on the template."""
        return dict(self.env['fluxforce.whatsapp.template']._fields['category']._description_selection(self.env))

    # ------------------------------------------------------------
    # NUMBERS
    # ------------------------------------------------------------

    def _name_rejection_words(self):
        return {
            'NAME_EMPLOYEE_ISSUE': self.env._('It is the name of a person who works for the business.'),
            'NAME_ENDCLIENT_NOTRELATED': self.env._('It has no visible connection with the business.'),
            'NAME_FORMAT_UNACCEPTABLE': self.env._('Its form is against Meta\'s rules for names.'),
            'NAME_INDIVIDUAL_ISSUE': self.env._('It is the name of a private person.'),
            'NAME_NOT_CONSISTENT': self.env._(
                'It does not match the name of the business elsewhere, as on its website.'),
            'UNKNOWN': self.env._('Meta gives no reason.'),
        }

    def _security_words(self):
        return {
            'PIN_CHANGED': self.env._('The PIN of the number\'s two-step verification was changed.'),
            'PIN_RESET_REQUEST': self.env._(
                'Somebody has asked Meta to switch off the number\'s two-step verification.'),
            'PIN_REQUEST_SUCCESS': self.env._('The number\'s two-step verification was switched off.'),
        }

    # ------------------------------------------------------------
    # ACCOUNTS
    # ------------------------------------------------------------

    def _account_alert_words(self):
        return {
            'INCREASED_CAPABILITIES_ELIGIBILITY_DEFERRED': self.env._(
                'Meta does not raise the limit of people yet; it decides later.'),
            'INCREASED_CAPABILITIES_ELIGIBILITY_FAILED': self.env._('Meta does not raise the limit of people.'),
            'INCREASED_CAPABILITIES_ELIGIBILITY_NEED_MORE_INFO': self.env._(
                'Meta needs to know more about the business before it raises the limit of people.'),
            'OBA_APPROVED': self.env._('The number is an official business account now.'),
            'OBA_REJECTED': self.env._('Meta did not make the number an official business account.'),
            'PROFILE_PICTURE_LOST': self.env._('The profile picture is gone; upload it again.'),
        }

    def _stop_event_words(self):
        return {
            'ACCOUNT_DELETED': self.env._('The WhatsApp Business Account was deleted at Meta.'),
            'ACCOUNT_OFFBOARDED': self.env._(
                'The number was disconnected from the Cloud API in the WhatsApp Business app.'),
            'PARTNER_REMOVED': self.env._('The connection between the app and the account was removed at Meta.'),
            'PARTNER_APP_UNINSTALLED': self.env._('The app was removed from the account at Meta.'),
        }

    def _restriction_words(self):
        return {
            'RESTRICTED_ADD_PHONE_NUMBER_ACTION': self.env._('No further numbers may be added.'),
            'RESTRICTED_BIZ_INITIATED_MESSAGING': self.env._('No templates may be sent.'),
            'RESTRICTED_CUSTOMER_INITIATED_MESSAGING': self.env._('Not even answers may be sent.'),
            'RESTRICTED_UTILITY_TEMPLATES': self.env._('No service updates may be sent.'),
            'RESTRICTED_DIRECT_SEND_UTILITY_TEMPLATES': self.env._(
                'No service updates may be sent without a template.'),
            'RESTRICTED_BUSINESS_INITIATED_CALLING': self.env._('Nobody may be called.'),
            'RESTRICTED_USER_INITIATED_CALLING': self.env._('People cannot call the number.'),
            'RESTRICTED_BIZ_INITIATED_AND_USER_INITIATED_CALLING': self.env._('No calls in either direction.'),
            'RESTRICTED_USER_INITIATED_CALLING_CALL_BUTTON_HIDDEN': self.env._('The call button is hidden.'),
        }

    def _violation_words(self):
        return {
            'ADULT': self.env._('goods or services for adults only'),
            'ALCOHOL': self.env._('alcohol'),
            'ANIMALS': self.env._('animals'),
            'BODY_PARTS_FLUIDS': self.env._('parts or fluids of the body'),
            'DATING': self.env._('dating'),
            'DIGITAL_SERVICES_PRODUCTS': self.env._('digital goods or services'),
            'DRUGS': self.env._('drugs'),
            'GAMBLING': self.env._('gambling'),
            'HEALTHCARE': self.env._('medical goods'),
            'ILLEGAL_PRODUCTS': self.env._('illegal goods or services'),
            'MISLEADING': self.env._('misleading claims'),
            'OVERTLY_SEXUALIZED_POSITIONING': self.env._('sexual content'),
            'REAL_FAKE_CURRENCY': self.env._('real, virtual or fake money'),
            'SCAM': self.env._('fraud'),
            'SPAM': self.env._('messages that people did not ask for'),
            'SUPPLEMENTS': self.env._('unsafe supplements'),
            'THIRD_PARTY_INFRINGEMENTS': self.env._('other people\'s rights'),
            'TOBACCO': self.env._('tobacco'),
            'UNAUTHORIZED_MEDIA': self.env._('unauthorised media'),
            'WEAPONS': self.env._('weapons'),
        }
