"""Invented names: common given names, and surnames and titles combined from parts."""

from __future__ import annotations

from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.replace("_", " ") for word in text.split())


_FEMALE = _words("""
    Abigail Ada Aisha Alice Amara Amelia Amina Anna Anwen Ayesha Beatrice Bethan Bronwen Carys Catherine Cerys
    Charlotte Chloe Clara Daisy Deepa Elena Eleri Elin Eliza Ella Emily Emma Erin Esme Eva Evelyn Farah Fatima Ffion
    Fiona Freya Georgia Grace Gwen Hannah Harriet Heather Holly Imogen Ingrid Isabel Isla Ivy Jasmine Jessica Joanna
    Julia Kezia Kiran Laila Lauren Leah Lily Lowri Lucy Maisie Margaret Maria Martha Maryam Matilda Megan Mia Molly
    Nadia Naomi Natalia Nia Niamh Olivia Orla Phoebe Poppy Priya Rebecca Rhian Rosie Ruby Ruth Sadia Sara Seren
    Shreya Sian Sofia Sophie Stella Tegan Thea Uma Violet Wren Yasmin Zainab Zara Zoe
""")
_MALE = _words("""
    Aaron Adam Ahmed Aidan Alan Albert Alec Alfie Ali Aneurin Arjun Arthur Ben Bilal Bryn Callum Carl Charlie Conor
    Dafydd Daniel David Dev Dylan Edward Elliot Emlyn Ethan Euan Evan Ezra Faisal Felix Finlay Francis Gareth George
    Gethin Gwilym Harry Harvey Hassan Hector Henry Hugh Hugo Ibrahim Idris Imran Isaac Ivan Jack Jacob James Jamil
    Jonah Joseph Joshua Kai Karim Kofi Leo Liam Lloyd Louis Luca Luke Malcolm Marcus Martin Mason Matthew Max
    Mohammed Nathan Niall Noah Oliver Omar Oscar Osian Owen Patrick Peter Rafe Raj Rhodri Rhys Robert Rohan Rory
    Samuel Sanjay Sebastian Stefan Tariq Theo Thomas Toby Tomos Victor Vikram William Yusuf Zac
""")
_DOUBLE = ("Anna-Louise", "Mary Ann", "Ella Rose", "Sara-Jane", "Lily Mae", "Jean Paul", "John-Henry", "Tom Owen")

_BEGINNINGS = _words("""
    Ald Ash Barn Beck Birk Black Bram Brent Brock Burn Cald Carl Chad Cold Cran Dal Dun East Elm Fair Fern Firth Gar
    Glen Gold Grim Hal Hart Haw Hazel Hether Hol Horn Kel Kirk Lang Lark Led Lin Lock Mar Mel Mid Mor Nether North
    Oak Old Over Pem Pen Quar Raven Red Rook Ros Rush Salt Shel South Stan Stock Strat Swin Thorn Thur Tor Under
    Wake Wal War Wel West Whit Wil Win Wood Wyn Yar
""")
_ENDINGS = _words("""
    beck borough bourne bridge brook by combe cott croft dale den er field ford gate gill ham hurst ing land leigh
    ley low man mere more ridge sby sett shaw stead stock stone thorpe ton twell wall ward way well wick wood worth
""")
_PREFIXES = ("O'", "Mac", "Mc", "St. ", "de ")

_SUBJECTS = _words("""
    Accounting Agriculture Animal_Care Bakery Beekeeping Bricklaying Business_Administration Carpentry Catering
    Childcare Coaching Computing Customer_Service Dance Digital_Skills Drama Electrical_Installation Engineering
    English Fashion First_Aid Floristry Forestry Hairdressing Health_and_Social_Care Horticulture Hospitality
    Joinery Landscaping Logistics Mathematics Media Metalwork Music Nursing_Support Painting_and_Decorating
    Photography Plumbing Retail Science Sport Tailoring Teaching_Support Travel Upholstery Warehousing Welding
    Working_with_Others
""")


def given_name(chance: Random, gender: str) -> str:
    """A given name for a gender of the register: ``1`` male, ``2`` female, others either; a few are double names."""
    if chance.random() < 0.03:
        return chance.choice(_DOUBLE)
    names = _MALE if gender == "1" else _FEMALE if gender == "2" else _MALE + _FEMALE
    return chance.choice(names)


def family_name(chance: Random) -> str:
    """A surname; some have a prefix, some are double."""
    name = chance.choice(_BEGINNINGS) + chance.choice(_ENDINGS)
    draw = chance.random()
    if draw < 0.03:
        return chance.choice(_PREFIXES) + name
    if draw < 0.06:
        return f"{name}{chance.choice('- ')}{chance.choice(_BEGINNINGS)}{chance.choice(_ENDINGS)}"
    return name


def postcode(chance: Random) -> str:
    """A postcode in the right format in an area that does not exist."""
    area, letters = chance.choice(("QA", "QV", "XA", "XV")), "ABDEFGHJLNPQRSTUWXYZ"
    return f"{area}{chance.randrange(1, 40)} {chance.randrange(10)}{chance.choice(letters)}{chance.choice(letters)}"


def subject(chance: Random) -> str:
    """The subject of a qualification."""
    return chance.choice(_SUBJECTS)
