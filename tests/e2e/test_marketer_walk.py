"""A marketer's walk, with mouse and keys, from the gallery to the figures; two hundred scripted people answer."""
import time

import pytest
from kit import chromium

from .browser import Browser, Missing
from .cast import FAILING, PARTS, READERS, SILENT, STOP, STOPPERS, WITHOUT_CONSENT, YES, YES_SAYERS
from .ledger import OPTED_OUT, Ledger
from .walk_ground import APPROVER, ASK, MARKETER, NEWS, SHOP, Ground

JOURNEY, CAMPAIGN = 'Reactivation with renewed consent', 'Shall we go on?'
HOLD_OUT = 10  # percent
SETTLE_SECONDS = 600
STOP_WORDS = ('STOP', STOP)
STEP, DIALOG = '.o_fluxforce_flow_step', '.modal'
COUNTS = ('participant_count', 'waiting_count', 'sent_count', 'failed_count', 'refused_count', 'left_count',
          'holdout_count', 'clicked_count')
# By step, what stands on its card in the flow; by title, the tables of figures: by row and column.
FLOW = """Object.fromEntries([...document.querySelectorAll('.o_fluxforce_flow_step')].map((card) => [
    card.querySelector('.fw-bold').innerText, Object.fromEntries([...card.querySelectorAll(
        '.o_fluxforce_flow_figures button')].map((figure) => [figure.dataset.key, Number(figure.innerText)]))]))"""
TABLES = """Object.fromEntries([...document.querySelectorAll('[name=figures_html] h3')].map((title) => {
    const heads = [...title.parentElement.querySelectorAll('thead th')].slice(1).map((head) => head.innerText);
    return [title.innerText, Object.fromEntries([...title.parentElement.querySelectorAll('tbody tr')].map((row) => [
        row.querySelector('th').innerText, Object.fromEntries([...row.querySelectorAll('td')].map(
            (cell, place) => [heads[place], cell.innerText.split('\\n')[0]]))]))];
}))"""
# By tile of the dashboard: its value, and what stands below it.
DASHBOARD = """Object.fromEntries([...document.querySelectorAll('.o_fluxforce_tile')].map((tile) => [
    tile.dataset.key, [...tile.querySelectorAll('span')].slice(1).map((part) => part.innerText)]))"""
# What waits for something that will not come: a button, an answer to the second message.
WAITING = {'asks', 'says yes', 'says yes and clicks'}

pytestmark = pytest.mark.skipif(not chromium.find(), reason=chromium.REASON)


@pytest.fixture(scope='module')
def walk(server):
    """The ground and what was seen on the way, after it."""
    with Ground(server) as ground:
        browser = Browser()
        try:
            yield Walk(ground, browser).take()
        except BaseException:
            print('Screenshots:', *browser.shoot('failure'), sep='\n')
            raise
        finally:
            browser.close()


class Walk:
    """One after the other what a marketer and her manager do.

    :ivar seen: what stood on the screen, by name
    """

    def __init__(self, ground, browser):
        self.ground, self.admin, self.url = ground, ground.admin, ground.stage.url
        self.marta, self.alba = browser.open('marketer'), browser.open('approver')
        self.seen, self.ledger, self.held_out = {}, None, set()

    def take(self):
        self.marta.log_in(self.url, MARKETER)
        self.use_journey()
        self.choose_template()
        self.change_delay()
        self.choose_audience()
        self.ask_approval()
        self.approve()
        self.start()
        self.settle()
        self.read_figures()
        return self

    # --- Gallery -----------------------------------------------------------------------------------------------------

    def use_journey(self):
        marta = self.marta
        marta.click('.o_navbar_apps_menu button')
        marta.click('.o_app', 'WhatsApp')
        marta.click('.o_menu_sections button', 'Campaigns')
        marta.click('.o-dropdown--menu .dropdown-item', 'Ready Journeys')
        marta.click('.o_kanban_record', JOURNEY, inside='button[name=action_use]')
        marta.click(f'{DIALOG} footer button', 'Create Campaign')
        marta.wait(STEP, 'No answer: end it')

    # --- Adapt -------------------------------------------------------------------------------------------------------

    def choose_template(self):
        """The second message has no template yet: one that Meta has approved; with the mouse."""
        marta = self.marta
        marta.click(STEP, 'What is new')
        marta.fill(f'{DIALOG} [name=template_id] input', NEWS)
        marta.click('.o-autocomplete--dropdown-item', NEWS)
        marta.fill(f'{DIALOG} [name=delay] input', '0')
        self.save_step()
        self.seen['chosen'] = marta.text(STEP, 'What is new')

    def change_delay(self):
        """Two weeks are long: a minute; with keys only, from the step that was edited last."""
        marta = self.marta
        for key in ('ArrowUp', 'ArrowRight'):  # to the step before it, and to the one beside that
            marta.press(key)
        marta.until(lambda: 'No answer' in marta.js('document.activeElement.innerText'), 'keys do not lead there')
        marta.press('Enter')
        marta.fill(f'{DIALOG} [name=delay] input', '1')
        marta.click(f'{DIALOG} [name=delay_unit] input')
        marta.click('.o_select_menu_item', 'Minutes')
        self.save_step()
        marta.wait('.o_fluxforce_flow', 'No reply within 1 minute')

    def save_step(self):
        self.marta.click(f'{DIALOG} footer button', 'Save')
        self.marta.wait_gone(DIALOG)
        self.marta.until(lambda: self.marta.js(f'document.activeElement.matches("{STEP}")'), 'no step has the focus')

    def choose_audience(self):
        """Everybody of long standing, whoever they are: the gate is to leave out who has not agreed."""
        marta = self.marta
        marta.click('.nav-link', 'Audience')
        self.seen['agreed'] = int(marta.text('[name=audience_count]'))
        marta.click('[name=domain] .fa-caret-right')
        marta.click('[name=domain] .o_tree_editor_row:has(.o_tree_editor_condition)', 'WhatsApp Marketing',
                    inside='.fa-trash')
        marta.until(lambda: marta.text('[name=audience_count]') != str(self.seen['agreed']), 'nobody more fits')
        self.seen['audience'] = int(marta.text('[name=audience_count]'))
        marta.fill('[name=holdout_share] input', str(HOLD_OUT))
        marta.fill('.oe_title [name=name] input, .oe_title [name=name] textarea', CAMPAIGN)
        marta.click('.o_form_button_save')
        marta.wait_gone('.o_form_button_save')

    # --- Launch ------------------------------------------------------------------------------------------------------

    def ask_approval(self):
        """So many people are not written to by one alone."""
        self.open_check()
        self.seen['check'] = self.marta.text(f'{DIALOG} [name=launch_result]')
        self.seen['may start alone'] = self.marta.sees(f'{DIALOG} footer button', 'Start Sending')
        self.marta.click(f'{DIALOG} footer button', 'Ask for Approval')
        self.marta.wait_gone(DIALOG)
        self.seen['marketer may approve'] = self.marta.sees('button[name=action_approve]')

    def open_check(self):
        self.marta.click('.o_statusbar_buttons button', 'Start')
        self.marta.wait(f'{DIALOG} [name=launch_result]')

    def approve(self):
        """The manager comes to it by the to-do that asks her."""
        alba = self.alba
        alba.log_in(self.url, APPROVER)
        alba.click('.o_menu_systray i[aria-label=Activities]')
        alba.click('.o-mail-ActivityGroup', 'WhatsApp Launch Check')
        alba.click('.o_data_row', CAMPAIGN)
        self.seen['shown to the manager'] = alba.text('.o_field_widget[name=result]')
        alba.click('button[name=action_approve]')
        alba.wait_gone('button[name=action_approve]')
        self.seen['before'] = len(Ledger(self.ground.control).sent)

    def start(self):
        self.marta.reload()
        self.open_check()
        self.marta.click(f'{DIALOG} footer button', 'Start Sending')
        self.marta.wait_gone(DIALOG)
        self.campaign, = self.admin.search('fluxforce.campaign', [('name', '=', CAMPAIGN)])

    # --- Run ---------------------------------------------------------------------------------------------------------

    def settle(self):
        """Odoo's own scheduled actions do the rest."""
        end = time.monotonic() + SETTLE_SECONDS
        while unsettled := self.unsettled():
            if time.monotonic() > end:
                raise Missing(f'It takes too long: {unsettled}')
            time.sleep(1)
        parked = self.admin.read('fluxforce.campaign.participant', [('state', '=', 'error')], ['error'], limit=1)
        assert not parked, f'Somebody was put aside: {parked[0]["error"]}'
        self.ledger = Ledger(self.ground.control)
        self.held_out = self.numbers('fluxforce.campaign.participant', [('state', '=', 'holdout')])

    def unsettled(self):
        """:return: what still moves, '' if nothing does"""
        def count(model, *domain):
            return self.admin.count(f'fluxforce.{model}', list(domain))

        waiting = {self.part(number) for number in self.numbers('fluxforce.campaign.participant',
                                                                [('state', '=', 'waiting')])}
        found = {
            'started': not count('campaign', ('enrolled_at', '!=', False)),
            'Meta': not self.ground.control('GET', '/idle')['idle'],
            'messages': count('whatsapp.message', ('state', 'in', ('queued', 'held', 'sending', 'accepted'))),
            'webhooks': count('whatsapp.event', ('state', '=', 'pending')),
            'people': waiting - WAITING,
            'clicks': count('whatsapp.click', ('is_counted', '=', False)),
        }
        return ', '.join(f'{name}: {what}' for name, what in found.items() if what)

    def numbers(self, model, domain):
        """:return: set of numbers, as the simulator writes them"""
        rows = self.admin.read(model, [('campaign_id', '=', self.campaign), *domain], ['phone'])
        return {row['phone'].lstrip('+') for row in rows}

    def part(self, number):
        return next(actor.part for actor in self.ground.people if actor.wa_id == number)

    def play(self, *parts):
        """:return: set of numbers of those who play a part and were not held out"""
        return {actor.wa_id for actor in self.ground.people if actor.part in parts} - self.held_out

    # --- Read --------------------------------------------------------------------------------------------------------

    def read_figures(self):
        """What stands on the buttons of the campaign; one that is not there stands for nothing."""
        self.marta.goto(f'{self.url}/odoo/action-fluxforce_whatsapp_marketing.fluxforce_campaign_action/{self.campaign}')
        self.marta.click('.o-form-buttonbox button', 'More')
        self.marta.wait('.o-dropdown--menu .o_stat_value')
        self.seen['counts'] = {name: int(self.value(name)) for name in COUNTS}
        self.seen['percent'] = {name: float(self.value(name).rstrip('%')) for name in ('delivered_ratio', 'read_ratio')}
        self.marta.press('Escape')
        self.seen['flow'] = self.marta.js(FLOW)
        self.read_page()
        self.read_dashboard()

    def read_page(self):
        """The page with all of them."""
        if not self.marta.sees('.o_stat_text', 'Figures'):
            self.marta.click('.o-form-buttonbox button', 'More')
        self.marta.click('.o_stat_text', 'Figures')
        self.marta.wait('[name=figures_html] table')
        tiles = [tile.split('\n') for tile in self.marta.texts('[name=figures_html] .row > .col')]
        self.seen['tiles'] = {label: value for label, value, *__ in tiles}
        self.seen['tables'] = self.marta.js(TABLES)

    def read_dashboard(self):
        self.marta.click('.o_menu_sections .o_nav_entry', 'Dashboard')
        self.marta.wait('.o_fluxforce_tile')
        self.seen['dashboard'] = self.marta.js(DASHBOARD)

    def value(self, name):
        """:return: what a button of the campaign shows; one that is not there stands for nothing"""
        selector = f'[name={name}] :is(.o_stat_value, .o_pie_value)'
        return self.marta.text(selector) if self.marta.sees(selector) else '0'


# --- The journey is the marketer's own --------------------------------------------------------------------------------


def test_the_template_chosen_stands_in_the_flow(walk):
    assert NEWS in walk.seen['chosen']


def test_who_fits_is_counted_at_once(walk):
    without = sum(actor.part in WITHOUT_CONSENT for actor in walk.ground.people)
    assert (walk.seen['agreed'], walk.seen['audience']) == (200 - without, 200)


# --- The check --------------------------------------------------------------------------------------------------------


def test_nothing_has_gone_before_the_start(walk):
    assert walk.seen['before'] == 0


def test_the_check_has_said_how_many_would_get_it(walk):
    lines = walk.seen['check'].splitlines()
    assert lines[0].startswith(f'{len(walk.ledger.people(ASK))} of 200 people get messages.')
    assert f'Hold-out\t{len(walk.held_out)}\tThey get nothing, to compare with.' in lines


def test_the_manager_sees_what_the_marketer_saw(walk):
    assert walk.seen['shown to the manager'] == walk.seen['check']


def test_so_many_are_not_written_to_by_one_alone(walk):
    assert not walk.seen['may start alone']
    assert not walk.seen['marketer may approve']


# --- Nobody gets what is not for them ---------------------------------------------------------------------------------


def test_nobody_got_a_step_twice(walk):
    assert walk.ledger.twice == []
    assert walk.ledger.summary['duplicate_keys'] == []


def test_nobody_without_consent_got_anything(walk):
    assert not walk.ledger.people() & walk.ground.without_consent()


def test_nobody_after_a_stop_got_anything(walk):
    assert walk.ledger.who_said(*STOP_WORDS) == walk.play(*STOPPERS)
    assert not walk.ledger.after_stop(*STOP_WORDS)


def test_who_is_held_out_got_nothing(walk):
    assert walk.held_out
    assert not walk.ledger.people() & walk.held_out


def test_everybody_else_got_the_question(walk):
    assert walk.ledger.people(ASK) == {
        actor.wa_id for actor in walk.ground.people if actor.part not in WITHOUT_CONSENT} - walk.held_out


def test_the_news_went_to_those_who_said_yes(walk):
    assert walk.ledger.people(NEWS) == walk.play(*YES_SAYERS) == walk.ledger.who_said(YES)


def test_who_clicked_came_to_the_shop(walk):
    assert walk.ledger.visitors == walk.play('says yes and clicks')
    assert {visit['location'].split('?')[0] for visit in walk.ledger.visits} == {SHOP}


def test_a_yes_renews_the_consent_and_silence_ends_it(walk):
    def agreed(number):
        row, = walk.admin.read('res.partner', [('phone_sanitized', '=', f'+{number}')], ['whatsapp_consent_marketing'])
        return row['whatsapp_consent_marketing']

    assert {agreed(number) for number in walk.play(*YES_SAYERS - STOPPERS)} == {'given'}
    assert {agreed(number) for number in walk.play(*SILENT)} == {'withdrawn'}
    assert {agreed(number) for number in walk.play('asks', 'not on WhatsApp', 'unreachable')} == {'given'}


def test_who_asks_is_a_to_do_for_somebody(walk):
    rows = walk.admin.read('mail.activity', [('res_model', '=', 'res.partner'), ('summary', 'ilike', 'they are back')],
                           ['res_name'])
    names = {actor.name for actor in walk.ground.people if actor.wa_id in walk.play('says yes and asks')}
    assert {row['res_name'] for row in rows} == names and len(rows) == len(names)


# --- What the screen says is what the ledger says ---------------------------------------------------------------------


def test_the_buttons_agree_with_the_ledger(walk):
    ledger = walk.ledger
    assert walk.seen['counts'] == {
        'participant_count': 200,
        'waiting_count': len(walk.play(*WAITING)),
        'sent_count': len(ledger.sent) - len(ledger.failed),
        'failed_count': len(ledger.failed),
        'refused_count': len(walk.ground.without_consent() - walk.held_out),
        # Whose consent the journey itself has ended has left it, too.
        'left_count': len(walk.play(*STOPPERS, 'stopped marketing', *SILENT)),
        'holdout_count': len(walk.held_out),
        'clicked_count': len(ledger.visitors),
    }


def test_the_shares_agree_with_the_ledger(walk):
    sent, delivered = len(walk.ledger.sent) - len(walk.ledger.failed), walk.ledger.messages('delivered')
    assert walk.seen['percent'] == {
        'delivered_ratio': round(100 * delivered / sent, 2),
        'read_ratio': round(100 * walk.ledger.messages('read') / delivered, 2),
    }


def test_the_page_counts_people_as_the_ledger_does(walk):
    ledger = walk.ledger
    refused = walk.ground.without_consent() - walk.held_out
    assert figures(walk.seen['tiles'], 'Cost (estimated)', 'Per reply', 'Per order', 'Value brought') == {
        'People': len(ledger.people() | refused),
        'Sent': len(ledger.people(status='sent')),
        'Delivered': len(ledger.people(status='delivered')),
        'Read': len(ledger.people(status='read')),
        'Replied': len(set(ledger.said) - ledger.who_only_said(*STOP_WORDS)),
        'Followed a link': len(ledger.visitors),
        'Opted out': len(ledger.who_said(*STOP_WORDS)),
        'Blocked': sum(code == OPTED_OUT for code in ledger.failed.values()),
        'Failed': len(ledger.failed),
        'Refused': len(refused),
    }


def test_the_dashboard_tells_of_the_same_people(walk):
    tiles, page = walk.seen['dashboard'], walk.seen['tiles']
    assert tiles['sent'] == [page['Sent'], f'of {page["People"]} people addressed']
    for tile, label in (('read', 'Read'), ('replied', 'Replied'), ('clicked', 'Followed a link'),
                        ('opted_out', 'Opted out'), ('blocked', 'Blocked')):
        assert tiles[tile][1] == f'{page[label]} people', tile


def test_each_step_counts_its_own(walk):
    ledger, steps = walk.ledger, walk.seen['tables']['By Step']
    for step, template in (('Shall we go on?', ASK), ('What is new', NEWS)):
        assert {name: int(steps[step][name]) for name in ('Sent', 'Delivered', 'Read', 'Replied')} == {
            'Sent': len(ledger.people(template, 'sent')),
            'Delivered': len(ledger.people(template, 'delivered')),
            'Read': len(ledger.people(template, 'read')),
            'Replied': len(ledger.who_replied(template, *STOP_WORDS)),
        }, step
    assert steps['What is new']['Followed a link'] == str(len(ledger.visitors))


def test_the_flow_counts_as_the_page_does(walk):
    for step, template in (('Shall we go on?', ASK), ('What is new', NEWS)):
        shown = walk.seen['flow'][step]
        assert (shown['delivered'], shown['read']) == (
            len(walk.ledger.people(template, 'delivered')), len(walk.ledger.people(template, 'read')))
        assert str(shown['replied']) == walk.seen['tables']['By Step'][step]['Replied']


def test_who_was_silent_has_come_to_the_last_step(walk):
    assert walk.seen['flow']['No answer: end it']['done'] == len(walk.play(*SILENT))


def test_the_news_are_sent_upon_the_renewed_consent(walk):
    by_consent = walk.seen['tables']['By How They Agreed']
    assert by_consent['WhatsApp chat, noted down']['People'] == str(len(walk.ledger.people(NEWS)))
    assert by_consent['Web form']['Sent'] == str(len(walk.ledger.people(ASK, 'sent')))


def figures(tiles, *without):
    return {name: int(value) for name, value in tiles.items() if name not in without}


def test_the_cast_has_played_its_parts(walk):
    """Otherwise the figures would agree about nothing."""
    assert all(walk.play(part) for part in PARTS)
    assert set(walk.ledger.failed) == walk.play(*FAILING)
    assert walk.ledger.people(status='read') == walk.play(*READERS)
