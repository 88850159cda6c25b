from datetime import date

from policy.price import Rate, Table
from policy.purpose import CARE, MARKETING, UTILITY

SPRING, SUMMER = date(2026, 4, 1), date(2026, 7, 1)
RATES = [
    Rate('marketing', '34', 0.05, 'EUR', SPRING),
    Rate('marketing', '34', 0.06, 'EUR', SUMMER),
    Rate('marketing', '1', 0.03, 'USD', SPRING),
    Rate('marketing', '1787', 0.07, 'USD', SPRING),
    Rate('utility', '', 0.01, 'EUR', SPRING),
]


def test_the_price_is_that_of_the_day():
    assert Table(RATES, date(2026, 6, 30)).find('+34600000001', MARKETING).amount == 0.05
    assert Table(RATES, SUMMER).find('+34600000001', MARKETING).amount == 0.06


def test_the_longest_prefix_decides():
    assert Table(RATES, SUMMER).find('+17875550100', MARKETING).amount == 0.07
    assert Table(RATES, SUMMER).find('+12125550100', MARKETING).amount == 0.03


def test_a_row_without_prefix_is_for_every_country():
    assert Table(RATES, SUMMER).find('+4930123456', UTILITY).amount == 0.01


def test_before_its_first_day_there_is_no_price():
    assert Table(RATES, date(2026, 1, 1)).find('+34600000001', MARKETING) is None


def test_amounts_are_added_up_by_currency():
    estimate = Table(RATES, SUMMER).estimate([
        ('+34600000001', MARKETING), ('+34600000002', MARKETING), ('+12125550100', MARKETING)])

    assert {currency: round(amount, 4) for currency, amount in estimate.amounts.items()} == {'EUR': 0.12, 'USD': 0.03}
    assert estimate.priced == 3


def test_what_has_no_row_is_counted_not_guessed():
    estimate = Table(RATES, SUMMER).estimate([('+4930123456', MARKETING), ('+34600000001', CARE), ('', MARKETING)])

    assert not estimate.amounts
    assert sum(estimate.unpriced.values()) == 3


def test_a_category_nobody_knows_has_no_price():
    assert Table(RATES, SUMMER).find('+34600000001', None) is None
