"""What changed between two versions, word by word."""
from policy.template_diff import ADDED, REMOVED, SAME, changes, words


def test_a_word_is_replaced_as_a_whole():
    assert words('Hi, your order left.', 'Hi, your parcel left.') == (
        (SAME, 'Hi, your '), (REMOVED, 'order'), (ADDED, 'parcel'), (SAME, ' left.'))


def test_a_variable_is_one_thing():
    assert words('Hi {{first_name}}!', 'Hi {{last_name}}!') == (
        (SAME, 'Hi '), (REMOVED, '{{first_name}}'), (ADDED, '{{last_name}}'), (SAME, '!'))


def test_line_ends_count():
    assert words('One two', 'One\ntwo') == ((SAME, 'One'), (REMOVED, ' '), (ADDED, '\n'), (SAME, 'two'))


def test_the_same_is_one_piece():
    assert words('As it was.', 'As it was.') == ((SAME, 'As it was.'),)


def test_both_versions_can_be_read_off():
    old, new = 'Hi {{1}},\nyour order 🚲 left.', 'Dear {{1}},\nthe order left 🚲 today!'
    pieces = words(old, new)

    assert ''.join(text for kind, text in pieces if kind != ADDED) == old
    assert ''.join(text for kind, text in pieces if kind != REMOVED) == new


def test_parts_stand_in_the_order_of_the_new_version_and_what_is_gone_comes_last():
    found = changes({'header': 'Sale', 'body': 'Hi'}, {'body': 'Hi', 'footer': 'Shop'})

    assert [(one.part, one.is_changed) for one in found] == [('body', False), ('footer', True), ('header', True)]
    assert found[2].pieces == ((REMOVED, 'Sale'),)
