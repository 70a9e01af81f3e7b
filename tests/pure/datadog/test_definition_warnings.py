import pytest

from fairlead.dialects.datadog.definitions_warnings import warnings_about
from fairlead.dialects.datadog.definitions_wire import Contact, Definition

ITEM = "/properties/contacts/items/$ref"
NO_EMAIL = "'AAA' is not valid 'email'"
NO_SLACK = "does not match pattern 'https://[a-zA-Z0-9_\\\\-]+.slack\\\\.com/archives/[a-zA-Z0-9_\\\\-]+'"
NO_TYPE = 'value must be one of "email", "slack", "microsoft-teams"'
CONTACT = "/properties/contact"


@pytest.mark.parametrize(
    ("version", "contact", "field", "keyword", "message"),
    [
        ("v2", Contact("email", "AAA"), "contact", f"/allOf/0/then{CONTACT}/format", NO_EMAIL),
        ("v2", Contact("slack", "AAA"), "contact", f"/allOf/1/then{CONTACT}/pattern", NO_SLACK),
        ("v2.1", Contact("fax", "1"), "type", "/properties/type/enum", NO_TYPE),
        ("v2.2", Contact("email", "AAA"), "contact", f"/then{CONTACT}/format", NO_EMAIL),
        ("v2.2", Contact("fax", "1"), "contact", f"/else{CONTACT}/format", "'1' is not valid 'uri'"),
        ("v2.2", Contact("fax", "//[1"), "contact", f"/else{CONTACT}/format", "'//[1' is not valid 'uri'"),
        (
            "v2.1",
            Contact("slack", "AAA"),
            "contact",
            f"/allOf/1/then{CONTACT}/pattern",
            "does not match pattern '^https://.+'",
        ),
        (
            "v2.2",
            Contact("fax", "tel:1", "A"),
            "name",
            "/properties/name/minLength",
            "length must be >= 2, but got 1",
        ),
    ],
)
def test_a_contact_that_departs_from_the_schema_is_warned_about(
    version: str, contact: Contact, field: str, keyword: str, message: str
) -> None:
    [warning] = warnings_about(Definition(version, "checkout", contacts=(contact,)))

    assert (f"/contacts/0/{field}", ITEM + keyword, message) == (
        warning.instance_location,
        warning.keyword_location,
        warning.message,
    )


def test_warnings_come_in_the_order_of_the_contacts() -> None:
    contacts = (Contact("email", "a@b"), Contact("email", "a"), Contact("slack", "b"))

    found = warnings_about(Definition("v2", "checkout", contacts=contacts))

    assert ["/contacts/1/contact", "/contacts/2/contact"] == [one.instance_location for one in found]


@pytest.mark.parametrize("version", ["v2", "v2.1", "v2.2"])
def test_contacts_as_the_schema_has_them_are_not_warned_about(version: str) -> None:
    contacts = (
        Contact("email", "team@shopist.com", "Mail"),
        Contact("slack", "https://www.slack.com/archives/shopping-cart"),
        Contact("microsoft-teams", "https://teams.microsoft.com/pay"),
    )

    assert [] == warnings_about(Definition(version, "checkout", contacts=contacts))
