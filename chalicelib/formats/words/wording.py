"""The words of every code: what is wrong, and what to do. :mod:`messages` puts the details in.

The first text of a pair says what is wrong, the second what to do about it. Texts address the sender of a file, in
plain English; ``{field}`` is the field's name, the other names are the failure's details. Where a failure's detail
has one of the words of ``VARIANTS``, that pair is used.
"""

from __future__ import annotations

from typing import Final

from chalicelib.formats.words.batch_wording import BATCH_VARIANTS, BATCH_WORDS
from chalicelib.formats.words.learner_wording import LEARNER_VARIANTS, LEARNER_WORDS
from chalicelib.formats.words.request_wording import REQUEST_WORDS

Words = tuple[str, str]

_GIVE_DATE: Final = (
    "Write the date as YYYY-MM-DD, such as 2026-03-31; in a spreadsheet, format the column as text first."
)
_AS_TEXT: Final = "Format the column as text in the spreadsheet before you type or paste, then enter the value again."

WORDS: Final[dict[str, Words]] = {
    # Fields of a record.
    "ACF001": ("{field} is missing.", "Enter a value for {field}."),
    "ACF002": ("{field} is longer than {limit} characters.", "Shorten {field} to {limit} characters or fewer."),
    "ACF003": ("{field} is not in the right form.", "Check {field} against the file format guide."),
    "ACF004": ("{field} is not a date of the form YYYY-MM-DD.", _GIVE_DATE),
    "ACF005": ("{field} is not one of the values of its list.", "Use one of these: {allowed}."),
    "ACF006": ("{field} contains text that is not allowed.", "Remove the text from {field}."),
    "ACF007": (
        "The record has {found} values where the file's layout has {expected}.",
        "Check the commas and quotation marks of the record: a value with a comma in it must stand in quotation marks.",
    ),
    "ACF008": (
        "{field} holds a spreadsheet formula.",
        "Enter the value itself. It must not begin with an equals sign, a plus or minus sign, or an at sign.",
    ),
    "ACF009": (
        "{field} is a postcode that is not accepted for a learner, such as a prison's.",
        "Enter the learner's own postcode, or leave {field} empty.",
    ),
    "ACF010": ("The record has an element that does not belong there.", "Check the record against the XML schema."),
    # The learner.
    "ACL001": (
        "ULN is not a valid unique learner number: its last digit does not agree with the others.",
        "Check the ULN for mistyped digits.",
    ),
    "ACL002": (
        "The register of learners has no such ULN.",
        "Check the ULN with the learner or the learning provider.",
    ),
    "ACL003": (
        "The learner's details differ from those of the register{differing}.",
        "Check the ULN, the names and the other details against the learner's registration.",
    ),
    "ACL004": (
        "The ULN is linked to another one, which is the learner's master ULN.",
        "Use the master ULN from now on; it is in the output file.",
    ),
    "ACL005": (
        "The learner's record is restricted and cannot be changed in this way.",
        "Contact the service desk about this ULN.",
    ),
    # Rules.
    "ACR001": (
        "The register of qualifications has no unit or qualification with this reference.",
        "Check {field}. A new qualification can be used once the regulator has published it.",
    ),
    "ACR002": (
        "The unit or qualification is neither your organisation's nor shared with it.",
        "Check {field}, or leave the record to the organisation that owns it.",
    ),
    "ACR003": (
        "The award date is outside the dates on which the unit or qualification may be awarded{between}.",
        "Check {field} and the reference of the unit or qualification.",
    ),
    "ACR004": ("The award date is before 1 September 2006.", "Check {field}: no earlier award is accepted."),
    "ACR005": ("{field} is in the future.", "Enter today's date or an earlier one."),
    "ACR006": (
        "The grade is not one of those of the unit or qualification.",
        "Use one of its grades{allowed_list}.",
    ),
    "ACR007": (
        "The achievement already exists: this learner, reference and award date are already recorded.",
        "Leave the record out, or send it as an update to change it.",
    ),
    "ACR008": (
        "There is no achievement with this learner, reference and award date.",
        "Check the three values, or send the record as a create.",
    ),
    "ACR009": (
        "The achievement is withdrawn, so it can be neither updated nor withdrawn.",
        "Reinstate it first, or leave the record out.",
    ),
    "ACR010": (
        "The achievement is not withdrawn, so it cannot be reinstated.",
        "Leave the record out, or send it as an update.",
    ),
    "ACR011": (
        "ActionReason is missing or not on the list of reasons.",
        "Use one of these: {allowed}.",
    ),
    "ACR012": (
        "The register of learning providers has no such UKPRN.",
        "Check {field}, or leave it empty.",
    ),
    "ACR013": (
        "The achievement is final and cannot become provisional again.",
        "Send it in a file whose SubmissionType is FINAL.",
    ),
    "ACR014": (
        "The achievement was uploaded by another awarding organisation, which alone can change it.",
        "Check the ULN, reference and award date, or contact the service desk.",
    ),
    "ACR015": (
        "The names differ from those with which the achievement was first uploaded.",
        "Use GivenName and FamilyName exactly as in the first upload.",
    ),
    "ACR016": (
        "Reinstating an achievement cannot change its grade.",
        "Leave Grade empty or as it was; update the achievement afterwards.",
    ),
    # The file.
    "ACB001": ("The file is empty.", "Send a file with headings and at least one record."),
    "ACB002": (
        "The file's name ends neither in .csv nor in .xml{looks_like}.",
        "Send the file as CSV or XML, with a name that says which.",
    ),
    "ACB003": (
        "The file's name says {expected}, but the content is {found}.",
        "Save or export the file as {expected}, or give it the name that belongs to its content.",
    ),
    "ACB004": (
        "The file contains bytes that are not {expected} text.",
        "Save the file as UTF-8; in a spreadsheet, choose \u201cCSV UTF-8\u201d.",
    ),
    "ACB005": (
        "The file contains a NUL or another character that no text has.",
        "Export the file again; do not edit it with a program that is not made for text.",
    ),
    "ACB006": ("The column or element {field} is missing.", "Add {field}; the template has every name in its place."),
    "ACB007": ("{field} is there more than once{in_columns}.", "Remove all but one."),
    "ACB008": (
        "The heading of column {number} is not known.",
        "Use the headings of the template, spelt as they are there; remove columns of your own.",
    ),
    "ACB009": (
        "{field} is not in its place{placed}.",
        "Put the columns or elements into the order of the template.",
    ),
    "ACB010": ("The file is not well-formed: {reason}.", "Export the file again, or correct it at this place."),
    "ACB011": (
        "The file has a document type declaration or uses an entity.",
        "Remove it: for reasons of security neither is read.",
    ),
    "ACB012": ("The file has an element that does not belong there.", "Check the file against the XML schema."),
    "ACB013": ("The file is larger than {limit} bytes.", "Split it into smaller files."),
    "ACB014": (
        "{field} in the file is not that of the organisation that submits it.",
        "Check {field} in the file's header.",
    ),
    "ACB015": ("FileVersion is not one that is read.", "Use version {supported} of the layout."),
    "ACB016": ("{field} in the file's header is not in the right form.", "Check {field} on the first record's row."),
    "ACB017": (
        "{field} is given again with another value.",
        "Fill {field} on the first row only. Send records with other values in a file of their own.",
    ),
    "ACB018": ("The file has a line, value or tag that is too long to be read.", "Correct the file at this place."),
    "ACB019": (
        "The file was put where no organisation's files are read.",
        "Put it under your organisation's own prefix.",
    ),
    "WSEC0003": ("The organisation is not known, or its registration is suspended.", "Contact the service desk."),
    "WSEC0044": (
        "The e-mail address is not one that mail can be sent to.",
        "Give one address, such as name@example.org.",
    ),
    "WSEC0045": ("SubmissionType is missing or not on its list.", "Use one of these: {allowed}."),
    "WSEC0046": (
        "The file has {found} records, more than the {limit} that are taken at a time.",
        "Split it into files of {limit} records or fewer.",
    ),
    "WSEC0047": ("The file has no records.", "Send a file with at least one record."),
    "WSRC0017": (
        "{field} says {stated}, but the file has {found} records.",
        "Check that the file is complete, then correct {field}.",
    ),
    "WSRC0043": (
        "The organisation is not set up to send achievement files.",
        "Contact the service desk to have it set up.",
    ),
    # The service's own.
    "LRS-FAULT-1": (
        "The service could not process this record, by a fault of its own.",
        "You need not change anything. The service desk has been told; send the record again when it says so.",
    ),
    "LRS-FAULT-2": (
        "The service did not process this in the time allowed, by a fault of its own.",
        "You need not change anything. Send it again.",
    ),
    "LRS-CANCEL-1": (
        "The job was cancelled before this record was processed.",
        "Send the record again if it should be processed after all.",
    ),
    # Notices.
    "ACW001": ("ActionReason is not used with this action and was passed over.", "Leave it empty next time."),
    "ACW002": (
        "The learner's details agree with the register's only in part{because}.",
        "Check that it is the right learner, and correct your records if need be.",
    ),
    "ACW003": (
        "The award is older than ten working days, so the achievement is marked as late.",
        "Send achievements within ten working days of the award.",
    ),
    "ACW004": ("FileName differs from the name of the file.", "Check that this is the file you meant to send."),
    "ACW005": (
        "Record {first} has the same ULN, reference and award date.",
        "Check that both are meant. Records on one achievement are applied in the order of the file.",
    ),
    "REF_CHECK": (
        "The check character of the reference is unusual.",
        "Check {field} for mistyped characters.",
    ),
    **LEARNER_WORDS,
    **BATCH_WORDS,
    **REQUEST_WORDS,
}

VARIANTS: Final[dict[tuple[str, str], Words]] = {
    # Damage that spreadsheets do.
    ("ACF003", "scientific notation"): (
        "{field} is in scientific notation, as a spreadsheet shows long numbers; its last digits may be lost.",
        _AS_TEXT,
    ),
    ("ACF003", "decimal point"): ("{field} has a decimal point, which a spreadsheet adds to numbers.", _AS_TEXT),
    ("ACF003", "leading zero"): (
        "{field} begins with a zero or has lost one, as happens when a spreadsheet takes it for a number.",
        "Check {field} against its source. " + _AS_TEXT,
    ),
    ("ACF003", "date"): ("{field} has been turned into a date by a spreadsheet.", _AS_TEXT),
    ("ACF003", "spaces"): ("{field} has spaces in it or around it.", "Remove the spaces from {field}."),
    ("ACF003", "quotation marks"): (
        "{field} has quotation marks or an equals sign around it.",
        "Remove them from {field}.",
    ),
    ("ACF003", "separators"): (
        "{field} has its parts separated by other marks than obliques.",
        "Write it with obliques, such as 600/0055/7 or L/616/8832, or without separators.",
    ),
    ("ACF003", "letters for digits"): (
        "{field} has letters where digits belong, such as O for 0 or I for 1.",
        "Correct the letters in {field}.",
    ),
    ("ACF003", "too short"): ("{field} has too few characters.", "Check {field} for missing characters."),
    ("ACF003", "too long"): ("{field} has too many characters.", "Check {field} for surplus characters."),
    ("ACF003", "ten digits"): ("{field} is not made of ten digits.", "Enter the ten digits of the ULN."),
    ("ACF003", "aim reference"): (
        "{field} has none of the forms of a unit or qualification reference.",
        "Enter a reference such as 600/0055/7 or L/616/8832.",
    ),
    ("ACF003", "postcode"): (
        "{field} is not a postcode.",
        "Enter a whole postcode such as AB1 2DE, or leave {field} empty.",
    ),
    ("ACF003", "UKPRN"): ("{field} is not a UKPRN.", "Enter the eight digits of the UKPRN."),
    ("ACF003", "control character"): (
        "{field} has a line break or another character that cannot be seen.",
        "Remove it; type {field} again if you cannot find it.",
    ),
    ("ACF003", "encoding"): ("{field} has a letter that is not in UTF-8.", "Save the file as UTF-8."),
    # Names.
    ("ACF003", "no letter"): ("{field} has no letter.", "Enter the name as the register has it."),
    ("ACF003", "digit"): ("{field} has a digit in it.", "Remove the digit from {field}."),
    ("ACF003", "accented letter"): (
        "{field} has an accented letter or a letter of another alphabet.",
        "Use the letters A to Z, as the register does.",
    ),
    ("ACF003", "typographic mark"): (
        "{field} has a curly apostrophe or a long dash.",
        "Use a plain apostrophe (') or hyphen (-).",
    ),
    ("ACF003", "line break"): ("{field} has a line break or a tab in it.", "Remove it from {field}."),
    ("ACF003", "character"): (
        "{field} has a character that a name cannot have.",
        "Use letters, spaces, apostrophes, hyphens and dots only.",
    ),
    # Dates.
    ("ACF004", "DD/MM/YYYY"): ("{field} is written day first, as DD/MM/YYYY.", _GIVE_DATE),
    ("ACF004", "MM/DD/YYYY"): ("{field} is written month first, as MM/DD/YYYY.", _GIVE_DATE),
    ("ACF004", "YYYY/MM/DD"): ("{field} has other separators than hyphens.", _GIVE_DATE),
    ("ACF004", "YYYYMMDD"): ("{field} has no hyphens.", _GIVE_DATE),
    ("ACF004", "YY"): ("{field} has a year of two digits.", _GIVE_DATE),
    ("ACF004", "serial number"): (
        "{field} is a serial number, which is how a spreadsheet stores a date.",
        _GIVE_DATE,
    ),
    ("ACF004", "month name"): ("{field} has the month as a word.", _GIVE_DATE),
    ("ACF004", "time"): ("{field} has a time of day.", "Leave the time out: write the date as YYYY-MM-DD."),
    ("ACF004", "no such day"): ("{field} is a day that no calendar has.", "Check the day and the month of {field}."),
    ("ACF004", "year"): ("{field} has a year that cannot be right.", "Check the year of {field}."),
    ("ACF004", "age"): (
        "{field} makes the learner younger than {minimum} or older than {maximum}.",
        "Check the year of {field}.",
    ),
    ("ACF004", "earliest"): ("{field} is before 1890.", "Check the year of {field}."),
    ("ACF004", "after award"): (
        "{field} is after the date of the award.",
        "Check DateOfBirth and AchievementAwardDate.",
    ),
    ("ACF004", "future"): ("{field} is in the future.", "Check the year of {field}."),
    ("ACF005", "decimal point"): (
        "{field} has a decimal point, which a spreadsheet adds to numbers.",
        "Use one of these: {allowed}. " + _AS_TEXT,
    ),
    # XML records.
    ("ACF010", "unknown"): ("The record has an element whose name is not known{nearest_name}.", "Remove or rename it."),
    ("ACF010", "doubled"): ("The record has {field} more than once.", "Remove all but one."),
    ("ACF010", "nested"): ("A value of the record has an element inside it.", "Write the value as plain text."),
    ("ACF010", "text"): ("The record has text between its elements.", "Put the text into the element it belongs to."),
    ("ACF010", "attribute"): ("An element of the record has an attribute.", "Remove the attribute."),
    # Files.
    ("ACB004", "windows-1252"): (
        "The file contains letters in Windows-1252, which is not UTF-8.",
        "Save the file as UTF-8 (in a spreadsheet: \u201cCSV UTF-8\u201d), or have Windows-1252 declared for it.",
    ),
    ("ACB004", "declared"): (
        "The file is declared to be in an encoding that is not read.",
        "Use one of these: {expected}.",
    ),
    ("ACB004", "found"): ("The file is in {found}.", "Save the file as UTF-8."),
    ("ACB006", "no headings"): (
        "The first row does not have the headings of the layout.",
        "Begin the file with the headings of the template, spelt as they are there.",
    ),
    ("ACB008", "near"): (
        "Column {number} is headed \u201c{heading}\u201d, which is not known; {field} is the nearest.",
        "Correct the heading to {field}.",
    ),
    ("ACB010", "unclosed quotation mark"): (
        "A quotation mark is opened in the record that begins here, and never closed.",
        "Close it. A quotation mark inside a value is written twice.",
    ),
    ("ACB010", "quotation mark"): (
        "A value in quotation marks goes on after the closing one.",
        "Write a quotation mark inside a value twice.",
    ),
    ("ACB010", "carriage return"): (
        "The lines of the file end in single carriage returns.",
        "Save the file with lines that end in line feeds, or in carriage return and line feed.",
    ),
    ("ACB010", "separator"): (
        "The values are separated by {found}.",
        "Save the file with commas between the values.",
    ),
    ("ACB011", "entity"): ("The file uses an entity that XML itself does not define.", "Write the character itself."),
    ("ACB011", "document type"): (
        "The file has a document type declaration (DOCTYPE).",
        "Remove it: for reasons of security none is read.",
    ),
    ("ACB012", "root"): ("The outermost element is not {expected}.", "Begin the file with <{expected}>."),
    ("ACB012", "namespace"): ("The file uses a namespace.", "Remove xmlns and the prefixes of names."),
    ("ACB012", "attribute"): ("An element has an attribute that is not known.", "Remove the attribute."),
    ("ACB012", "element"): (
        "There is an element whose name is not known{nearest_name}.",
        "Remove or rename it; see the XML schema.",
    ),
    ("ACB012", "nested"): ("A value of the file's header has an element inside it.", "Write the value as plain text."),
    ("ACB012", "text"): ("There is text between the elements.", "Put the text into the element it belongs to."),
    ("ACB012", "depth"): ("Elements are nested more than {limit} deep.", "See the XML schema for how they are nested."),
    ("ACB016", "missing"): ("{field} is missing from the file's header.", "Fill {field} on the first record's row."),
    ("ACB016", "length"): ("{field} is longer than {limit} characters.", "Shorten {field} in the file's header."),
    ("ACB016", "UKPRN"): ("{field} in the file's header is not a UKPRN.", "Enter the eight digits of the UKPRN."),
    ("ACB016", "number"): ("{field} in the file's header is not a whole number.", "Enter the number of records."),
    **LEARNER_VARIANTS,
    **BATCH_VARIANTS,
}
