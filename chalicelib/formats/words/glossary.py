"""The words of the service, for people who meet them for the first time (AO18 Appendix F)."""

from __future__ import annotations

from typing import Final

GLOSSARY: Final = (
    ("Achievement", "A unit or qualification that a learner has been awarded."),
    ("Aim", "A unit or qualification, named by the reference of its regulator."),
    ("AO", "Awarding organisation, which awards qualifications and sends us the achievements."),
    ("Batch", "A file with many records: achievements, learners, or learners to verify."),
    ("Compatibility environment", "A service like this one, with invented learners, in which developers test."),
    ("CSV", "Comma-separated values: a format of files that spreadsheets can open."),
    ("EDC", "Event data challenge: a report that something in a learner’s record is wrong."),
    ("Family name", "The surname or family name of the learner."),
    ("Given name", "The learner’s legal forename or first name."),
    ("ICO", "Information Commissioner’s Office."),
    ("ILR", "Individualised Learner Record."),
    ("Job", "The processing of one file, from submission to its results."),
    ("Linked ULNs", "Two ULNs of one person. One of them is marked as the master."),
    ("LRB", "Learner registration body, which registers learners: a school, a college, a training provider."),
    ("LRS", "Learning Records Service."),
    ("MIS", "Management information system, in which an organisation keeps its own data."),
    ("NPD", "National Pupil Database."),
    ("Ofqual", "Office of Qualifications and Examinations Regulation."),
    ("PLR", "Personal Learning Record: what a learner has taken part in and achieved."),
    ("PN", "Privacy notice, which learners get before a ULN is created for them."),
    ("QiW", "Qualifications in Wales, the register of qualifications approved in Wales."),
    ("RQF", "Regulated Qualifications Framework."),
    ("Super user", "Somebody who manages the users of an organisation."),
    ("UKPRN", "UK provider reference number, which names an organisation."),
    ("UKRLP", "UK Register of Learning Providers, which gives UKPRNs."),
    ("ULN", "Unique learner number: 10 digits that a learner keeps for life."),
    ("XML", "Extensible Markup Language: a format of files that systems exchange."),
)
