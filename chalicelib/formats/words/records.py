"""The words of everything that can be wrong with one record, and of the notices about it; see :mod:`.messages`."""

from __future__ import annotations

from typing import Final

_ENTER_DATE: Final = (
    "Enter the date as YYYY-MM-DD, for example 2026-03-31. In a spreadsheet, format the column as text first."
)
_AS_TEXT: Final = "In the spreadsheet, format the column as text, then enter the value again."
_DECIMAL_POINT: Final = "{field} has a decimal point, which spreadsheets add to numbers."
_ONE_OF: Final = ("{field} must be one of: {allowed}.", "Enter one of these values.")
_DECIDE: Final = "Decide on the pending match we created for this record."

RECORD_WORDS: Final[dict[str, tuple[str, str]]] = {
    # Fields.
    "ACF001": ("{field} is missing.", "Enter a value for {field}."),
    "ACF002": ("{field} must be {limit} characters or fewer.", "Shorten {field}."),
    "ACF003": ("{field} is not in the right format.", "Check {field} against the file format guide."),
    "ACF004": ("{field} must be a date in the format YYYY-MM-DD.", _ENTER_DATE),
    "ACF005": _ONE_OF,
    "ACF006": ("{field} contains text that is not allowed.", "Remove that text from {field}."),
    "ACF007": (
        "The record has {found} values, but the layout has {expected}.",
        "Check the record's commas and quotation marks. A value that contains a comma must be in quotation marks.",
    ),
    "ACF008": (
        "{field} contains a spreadsheet formula.",
        "Enter the value itself. It must not begin with an equals, plus, minus or at sign.",
    ),
    "ACF009": (
        "{field} is a postcode we do not accept for a learner, such as a prison's.",
        "Enter the learner's own postcode, or leave {field} empty.",
    ),
    "ACF010": ("The record contains an element that is not allowed there.", "Check the record against the XML schema."),
    # The learner.
    "ACL001": ("The ULN is not valid: its last digit does not fit the others.", "Check the ULN for mistyped digits."),
    "ACL002": ("No learner has this ULN.", "Check the ULN with the learner or the learning provider."),
    "ACL003": (
        "The details do not match the learner with this ULN{differing}.",
        "Check the ULN and the details against the learner's registration.",
    ),
    "ACL004": (
        "This ULN is linked to another one, the learner's master ULN.",
        "Use the master ULN from now on. It is in the output file.",
    ),
    "ACL005": (
        "The learner's record is restricted, so we do not compare details with it or change it.",
        "Contact the service desk about this ULN.",
    ),
    # Rules.
    "ACR001": (
        "No unit or qualification has this reference.",
        "Check {field}. You can use a new qualification once the regulator has published it.",
    ),
    "ACR002": (
        "The unit or qualification does not belong to your organisation and is not shared with it.",
        "Check {field}, or leave the record to the organisation that owns the unit or qualification.",
    ),
    "ACR003": (
        "The award date is outside the dates when the unit or qualification can be awarded{between}.",
        "Check {field} and the reference of the unit or qualification.",
    ),
    "ACR004": ("The award date must be 1 September 2006 or later.", "Check {field}."),
    "ACR005": ("{field} must not be in the future.", "Enter today's date or an earlier one."),
    "ACR006": (
        "The grade is not one that this unit or qualification uses.",
        "Use one of its grades{allowed_list}.",
    ),
    "ACR007": (
        "The achievement already exists: one is recorded with this learner, reference and award date.",
        "Leave the record out, or send it as an update to change the achievement.",
    ),
    "ACR008": (
        "No achievement has this learner, reference and award date.",
        "Check all three values, or send the record as a create.",
    ),
    "ACR009": (
        "The achievement has been withdrawn, so it cannot be updated or withdrawn again.",
        "Reinstate it first, or leave the record out.",
    ),
    "ACR010": (
        "The achievement is not withdrawn, so it cannot be reinstated.",
        "Leave the record out, or send it as an update.",
    ),
    "ACR011": ("{field} must be one of: {allowed}.", "Enter the reason for withdrawing or reinstating."),
    "ACR012": ("No learning provider has this UKPRN.", "Check {field}, or leave it empty."),
    "ACR013": (
        "The achievement is final and cannot become provisional again.",
        "Send the update with the submission type FINAL.",
    ),
    "ACR014": (
        "Another awarding organisation uploaded this achievement, and only that organisation can change it.",
        "Check the ULN, reference and award date, or contact the service desk.",
    ),
    "ACR015": (
        "The names are different from those in the achievement's first upload.",
        "Use the given name and family name exactly as in the first upload.",
    ),
    "ACR016": (
        "You cannot change the grade while reinstating an achievement.",
        "Leave {field} empty or unchanged. You can update the achievement afterwards.",
    ),
    "LRS-PLR-4": ("{field} is before the learning event begins.", "Check both dates."),
    "LRS-PLR-5": ("The file contains the same learning event more than once.", "Keep one row for each event."),
    # Learners to find, register or update.
    "LRS-LRB-1": ("The learner may already be registered, so no ULN was allocated.", _DECIDE),
    "LRS-LRB-2": ("There are too many possible matches, so no ULN was allocated.", _DECIDE),
    "LRS-LRB-3": (
        "Similar learners are registered, but none is an exact match.",
        "Find the learner by web service, or send the record with the job type FUL.",
    ),
    "LRS-LRB-4": (
        "No registered learner has these details.",
        "Check the details, or send the record with the job type FUL to register the learner.",
    ),
    "LRS-LRB-8": (
        "Record {first} has the same ULN.",
        "Check that you need both. Records for one learner are processed in the order of the file.",
    ),
    # The service's own.
    "LRS-FAULT-1": (
        "We could not process this record because of a problem with our service.",
        "You do not need to change anything. The service desk knows and will say when to send the record again.",
    ),
    "LRS-FAULT-2": (
        "We could not process this in the time allowed because of a problem with our service.",
        "You do not need to change anything. Send it again.",
    ),
    "LRS-CANCEL-1": (
        "The job was cancelled before this record was processed.",
        "Send the record again if you still want it processed.",
    ),
    # Notices.
    "ACW001": ("{field} is not used with this action, so we ignored it.", "Leave it empty next time."),
    "ACW002": (
        "The learner's details only partly match those we hold{because}.",
        "Check that this is the right learner, and correct your records if you need to.",
    ),
    "ACW003": (
        "The award date is more than ten working days ago, so the achievement is marked as late.",
        "Send achievements within ten working days of the award.",
    ),
    "ACW005": (
        "Record {first} has the same ULN, reference and award date.",
        "Check that you need both. Records for one achievement are processed in the order of the file.",
    ),
    "ACW006": (
        "We have no list of grades for this unit or qualification, so {field} was not checked.",
        "Check that the grade is right.",
    ),
    "REF_CHECK": ("The reference has an unusual check character.", "Check {field} for mistyped characters."),
}

RECORD_VARIANTS: Final[dict[tuple[str, str], tuple[str, str]]] = {
    # Damage that spreadsheets do.
    ("ACF003", "scientific notation"): (
        "{field} is in scientific notation, as spreadsheets show long numbers. Its last digits may be lost.",
        _AS_TEXT,
    ),
    ("ACF003", "decimal point"): (_DECIMAL_POINT, _AS_TEXT),
    ("ACF003", "leading zero"): (
        "{field} begins with a zero or has lost one. This happens when a spreadsheet treats it as a number.",
        "Check {field} against its source. " + _AS_TEXT,
    ),
    ("ACF003", "date"): ("A spreadsheet has turned {field} into a date.", _AS_TEXT),
    ("ACF003", "spaces"): ("{field} has spaces in it or around it.", "Remove the spaces from {field}."),
    ("ACF003", "quotation marks"): (
        "{field} has quotation marks or an equals sign around it.",
        "Remove them from {field}.",
    ),
    ("ACF003", "separators"): (
        "{field} does not have slashes between its parts.",
        "Use slashes, for example 600/0055/7 or L/616/8832, or no separators at all.",
    ),
    ("ACF003", "letters for digits"): (
        "{field} has letters in place of digits, such as O for 0 or I for 1.",
        "Correct the letters in {field}.",
    ),
    ("ACF003", "too short"): ("{field} is too short.", "Check {field} for missing characters."),
    ("ACF003", "too long"): ("{field} is too long.", "Check {field} for extra characters."),
    # Kinds of value.
    ("ACF003", "ten digits"): ("The ULN must be ten digits.", "Enter all ten digits of the ULN."),
    ("ACF003", "UKPRN"): ("{field} must be a UKPRN.", "Enter all eight digits of the UKPRN."),
    ("ACF003", "aim reference"): (
        "{field} is not in the format of a unit or qualification reference.",
        "Enter a reference such as 600/0055/7 or L/616/8832.",
    ),
    ("ACF003", "postcode"): (
        "{field} must be a full postcode.",
        "Enter a postcode such as AB1 2DE, or leave {field} empty.",
    ),
    ("ACF003", "email address"): ("{field} must be an email address.", "Enter one address, such as name@example.org."),
    ("ACF003", "telephone number"): (
        "{field} must be a telephone number.",
        "Use digits, spaces, brackets and hyphens. Begin a number in another country with a plus sign.",
    ),
    ("ACF003", "nationality"): ("{field} must be a country code.", "Enter the three-letter code, such as GBR."),
    ("ACF003", "Scottish candidate number"): ("{field} must be nine digits.", "Enter all nine digits."),
    ("ACF003", "unique candidate identifier"): (
        "{field} is not in the format of a unique candidate identifier.",
        "Enter all 13 characters: 12 digits, the sixth of which may be a letter, then a letter.",
    ),
    ("ACF003", "unique pupil number"): (
        "{field} is not in the format of a unique pupil number.",
        "Enter all 13 characters: a letter, then 12 digits, the last of which may be a letter.",
    ),
    ("ACF003", "verification type"): (
        "{field} is only used when the verification type is 999 (other).",
        "Leave {field} empty, or set the verification type to 999.",
    ),
    ("ACF003", "control character"): (
        "{field} contains a line break or a character that cannot be seen.",
        "Remove it. If you cannot find it, type {field} again.",
    ),
    ("ACF003", "encoding"): ("{field} contains a character that is not in UTF-8.", "Save the file as UTF-8."),
    # Names.
    ("ACF003", "no letter"): ("{field} must contain at least one letter.", "Enter the registered name."),
    ("ACF003", "digit"): ("{field} must not contain digits.", "Remove the digit from {field}."),
    ("ACF003", "accented letter"): (
        "{field} contains an accented letter or a letter of another alphabet.",
        "Type it with the letters A to Z and no accents: Sian for Siân, Muller for Müller.",
    ),
    ("ACF003", "typographic mark"): (
        "{field} contains a curly apostrophe or a long dash.",
        "Use a plain apostrophe (') or hyphen (-).",
    ),
    ("ACF003", "line break"): ("{field} contains a line break or a tab.", "Remove it from {field}."),
    ("ACF003", "character"): (
        "{field} contains a character that is not allowed in a name.",
        "Use only the letters A to Z, spaces, apostrophes, hyphens and full stops.",
    ),
    # Dates.
    ("ACF004", "DD/MM/YYYY"): ("{field} is written day first, as DD/MM/YYYY.", _ENTER_DATE),
    ("ACF004", "MM/DD/YYYY"): ("{field} is written month first, as MM/DD/YYYY.", _ENTER_DATE),
    ("ACF004", "YYYY/MM/DD"): ("{field} has other separators than hyphens.", _ENTER_DATE),
    ("ACF004", "YYYYMMDD"): ("{field} has no hyphens.", _ENTER_DATE),
    ("ACF004", "YY"): ("{field} has a two-digit year.", _ENTER_DATE),
    ("ACF004", "serial number"): (
        "{field} is a serial number, which is how spreadsheets store dates.",
        _ENTER_DATE,
    ),
    ("ACF004", "month name"): ("{field} has the month as a word.", _ENTER_DATE),
    ("ACF004", "time"): ("{field} includes a time.", "Leave the time out: enter the date as YYYY-MM-DD."),
    ("ACF004", "no such day"): ("{field} is not a real date.", "Check the day and month of {field}."),
    ("ACF004", "year"): ("{field} has a year that cannot be right.", "Check the year of {field}."),
    ("ACF004", "age"): (
        "{field} means that the learner is younger than {minimum} or older than {maximum}.",
        "Check the year of {field}.",
    ),
    ("ACF004", "earliest"): ("{field} is before 1890.", "Check the year of {field}."),
    ("ACF004", "before birth"): ("{field} is before the date of birth.", "Check the date of birth and {field}."),
    ("ACF004", "after award"): ("{field} is after the award date.", "Check the date of birth and the award date."),
    ("ACF004", "future"): ("{field} is in the future.", "Check the year of {field}."),
    ("ACF005", "decimal point"): (_DECIMAL_POINT, "Use one of these: {allowed}. " + _AS_TEXT),
    # Lateness.
    ("ACW003", "action"): (
        "The action date is more than ten working days ago, so the change is marked as late.",
        "Send changes within ten working days of the action.",
    ),
    # XML records.
    ("ACF007", "short"): (
        "The record ends after {found} of {expected} values. A spreadsheet may have left out empty cells at its end.",
        "Add the missing cells, empty or not, so that the row has as many as the headings. Check the record's commas.",
    ),
    ("ACF010", "unknown"): (
        "The record contains an element we do not recognise{nearest_name}.",
        "Remove or rename it.",
    ),
    ("ACF010", "doubled"): ("The record contains {field} more than once.", "Keep one and remove the rest."),
    ("ACF010", "nested"): ("A value in the record contains an element.", "Enter the value as plain text."),
    ("ACF010", "text"): ("The record contains text between its elements.", "Move the text into its element."),
    ("ACF010", "attribute"): ("An element of the record has an attribute.", "Remove the attribute."),
}
