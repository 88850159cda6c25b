"""Where a number belongs, as far as a rule depends on it."""

from functools import lru_cache

from phonenumbers import NumberParseException, country_code_for_region, parse, region_code_for_number


@lru_cache(maxsize=50_000)
def region_of_phone(phone):
    """Tell the country of a number: +1 alone is shared by the United States, Canada and some twenty more.

    :param phone: E.164 number, or None
    :return: two letters, '' for a number nobody can place
    :rtype: str
    """
    try:
        return region_code_for_number(parse(phone or '')) or ''
    except NumberParseException:
        return ''


def is_in_regions(phone, regions):
    """Tell whether a number belongs to one of some countries: whose beginning rules it out is not looked up.

    :param phone: E.164 number, or None
    :param frozenset regions: two letters each
    """
    return bool(phone) and phone.startswith(_beginnings(regions)) and region_of_phone(phone) in regions


@lru_cache(maxsize=8)
def _beginnings(regions):
    return tuple(f'+{country_code_for_region(region)}' for region in regions)
