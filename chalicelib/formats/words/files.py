"""The words of everything that can be wrong with a file as a whole; see :mod:`.messages`."""

from __future__ import annotations

from typing import Final

_EMAIL: Final = "Enter one address, such as name@example.org."
_ONE_OF: Final = "Enter one of these values."
_PLAIN_TEXT: Final = "Enter the value as plain text."
_SAVE_AS_UTF_8: Final = "Save the file as UTF-8."
_WRITE_TWICE: Final = "Write a quotation mark inside a value twice."

FILE_WORDS: Final[dict[str, tuple[str, str]]] = {
    "ACB001": ("The file is empty.", "Send a file with headings and at least one record."),
    "ACB002": (
        "The file name must end in .csv or .xml{looks_like}.",
        "Send the file as CSV or XML, with the right ending to its name.",
    ),
    "ACB003": (
        "The file name says {expected}, but the content is {found}.",
        "Save or export the file as {expected}, or give it a name that fits its content.",
    ),
    "ACB004": (
        "The file contains bytes that are not {expected} text.",
        "Save the file as UTF-8. In a spreadsheet, choose \u201cCSV UTF-8\u201d.",
    ),
    "ACB005": (
        "The file contains characters that cannot appear in a text file.",
        "Export the file again. Only edit it in a program made for text.",
    ),
    "ACB006": ("The column or element {field} is missing.", "Add {field}. The template shows where it goes."),
    "ACB007": ("{field} appears more than once{in_columns}.", "Keep one and remove the rest."),
    "ACB008": (
        "We do not recognise the heading of column {number}.",
        "Use the headings of the template, spelt the same way. Remove any columns of your own.",
    ),
    "ACB009": ("{field} is in the wrong place{placed}.", "Put the columns or elements in the order of the template."),
    "ACB010": ("The file is not well-formed: {reason}.", "Export the file again, or correct it at this place."),
    "ACB011": (
        "The file has a document type declaration or uses an entity.",
        "Remove it. For security, we do not accept either.",
    ),
    "ACB012": ("The file contains an element that is not allowed there.", "Check the file against the XML schema."),
    "ACB013": ("The file must be {limit} bytes or smaller.", "Split it into smaller files."),
    "ACB014": (
        "{field} in the file is not that of the organisation sending it.",
        "Check {field} in the file header.",
    ),
    "ACB015": ("We do not accept this version of the layout.", "Use version {supported}."),
    "ACB016": ("{field} in the file header is not in the right format.", "Check {field} on the first record's row."),
    "ACB017": (
        "{field} appears again with a different value.",
        "Fill in {field} on the first row only. Send records with other values in a separate file.",
    ),
    "ACB018": ("The file has a line, value or tag that is too long to read.", "Correct the file at this place."),
    "ACB019": (
        "The file is in a place that does not belong to any organisation.",
        "Put it under your organisation's own prefix.",
    ),
    "ACB020": (
        "We found malware in the file, so we did not read it.",
        "Check the computer that made the file. Then make the file again, and send that one.",
    ),
    "ACB021": (
        "We could not scan the file for malware, so we did not read it.",
        "Send plain CSV or XML, without a password and not compressed.",
    ),
    "LRS-JOB-1": (
        "We could not deliver the email about this job.",
        "Check the email address, and give another one in your next file.",
    ),
    "ACW004": ("{field} is not the name of the file.", "Check that this is the file you meant to send."),
    "LRS-LRB-9": (
        "This organisation does not register learners.",
        "Use the UKPRN under which your organisation registers learners, or contact the service desk.",
    ),
    "WSEC0003": (
        "We do not recognise the organisation, or its registration is suspended.",
        "Contact the service desk.",
    ),
    "WSEC0044": ("The email address is not valid.", _EMAIL),
    "WSEC0045": ("{field} must be one of: {allowed}.", _ONE_OF),
    "WSEC0046": (
        "The file has {found} records, but the limit is {limit}.",
        "Split it into files of {limit} records or fewer.",
    ),
    "WSEC0047": ("The file has no records.", "Send a file with at least one record."),
    "WSRC0017": (
        "{field} says {stated}, but the file has {found} records.",
        "Check that the file is complete, then correct {field}.",
    ),
    "WSRC0030": (
        "{field} says {stated}, but the file has {found} learners to verify.",
        "Check that the file is complete, then correct {field}.",
    ),
    "WSRC0043": (
        "The organisation is not set up to send achievement files.",
        "Contact the service desk to have it set up.",
    ),
}

FILE_VARIANTS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    ("ACB004", "windows-1252"): (
        "The file contains Windows-1252 characters, which are not UTF-8.",
        "Save the file as UTF-8 (in a spreadsheet, \u201cCSV UTF-8\u201d), or have Windows-1252 declared for it.",
    ),
    ("ACB004", "declared"): ("The file is declared to be in an encoding we do not accept.", "Use one of: {expected}."),
    ("ACB004", "found"): ("The file is in {found}.", _SAVE_AS_UTF_8),
    ("ACB006", "no headings"): (
        "The first row does not contain the headings of the layout.",
        "Begin the file with the headings of the template, spelt the same way.",
    ),
    ("ACB008", "near"): (
        "Column {number} is headed \u201c{heading}\u201d, which we do not recognise. The nearest heading is {field}.",
        "Change the heading to {field}.",
    ),
    ("ACB010", "unclosed quotation mark"): (
        "A quotation mark in the record that begins here is never closed.",
        "Close it. " + _WRITE_TWICE,
    ),
    ("ACB010", "quotation mark"): ("A value continues after its closing quotation mark.", _WRITE_TWICE),
    ("ACB010", "carriage return"): (
        "The lines of the file end in a carriage return only.",
        "Save the file with lines that end in a line feed, or in a carriage return and a line feed.",
    ),
    ("ACB010", "separator"): (
        "The values are separated by {found}.",
        "Save the file with commas between the values.",
    ),
    ("ACB011", "entity"): ("The file uses an entity that XML does not define.", "Write the character itself."),
    ("ACB011", "document type"): (
        "The file has a document type declaration (DOCTYPE).",
        "Remove it. For security, we do not accept one.",
    ),
    ("ACB012", "root"): ("The outermost element must be {expected}.", "Begin the file with <{expected}>."),
    ("ACB012", "namespace"): ("The file uses a namespace.", "Remove xmlns and the prefixes of names."),
    ("ACB012", "attribute"): ("An element has an attribute that is not allowed.", "Remove the attribute."),
    ("ACB012", "element"): (
        "The file contains an element we do not recognise{nearest_name}.",
        "Remove or rename it. The XML schema lists the elements.",
    ),
    ("ACB012", "nested"): ("A value in the file header contains an element.", _PLAIN_TEXT),
    ("ACB012", "text"): ("The file contains text between its elements.", "Move the text into its element."),
    ("ACB012", "depth"): (
        "Elements are nested more than {limit} deep.",
        "The XML schema shows how elements are nested.",
    ),
    ("ACB019", "folder"): (
        "The file is in a folder where we do not read files.",
        "Put it in the folder {expected}, without further folders.",
    ),
    ("ACB016", "missing"): ("{field} is missing from the file header.", "Enter {field} on the first record's row."),
    ("ACB016", "length"): ("{field} in the file header must be {limit} characters or fewer.", "Shorten {field}."),
    ("ACB016", "text"): (
        "{field} in the file header contains a control character or a spreadsheet formula.",
        "Enter {field} as plain text on one line.",
    ),
    ("ACB016", "UKPRN"): ("{field} in the file header must be a UKPRN.", "Enter all eight digits of the UKPRN."),
    ("ACB016", "number"): ("{field} in the file header must be a whole number.", "Enter the number of records."),
    ("ACB016", "list"): ("{field} in the file header must be one of: {allowed}.", _ONE_OF),
    ("ACB016", "email address"): (
        "{field} in the file header must be an email address.",
        _EMAIL.removesuffix(".") + ", or leave {field} empty.",
    ),
    ("ACB016", "differs"): (
        "{field} in the file header is not the one given when the upload began.",
        "Correct {field}, or begin the upload again.",
    ),
}
