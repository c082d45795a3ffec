"""Facts of numbering plans that phonenumbers lacks, each with its source. Data only.

plans.py and digits.py apply them; regions are ISO alpha-2, expressions must match the whole
number.
"""

# Ranges set aside for fiction: expressions for national significant numbers, by calling code.
FICTIONAL = {
    "1": r"\d{3}55501\d\d",  # NANPA: 555-0100 to 555-0199 in any area
    "33": r"(?:19900|26191|35301|46571|53649|63998)\d{4}",  # ARCEP decision 2018-0881
    # Ofcom, numbers for use in drama (Northern Ireland: the present and the former range)
    "44": r"(?:1(?:1[3-8]|[2-6]1)496|191498|207946|163296|770090|808157|909879|306999|292018)0\d{3}"
    r"|28(?:96496|90180)\d{3}",
    # PTS, numbers for books and films
    "46": r"70174(?:060[5-9]|06[1-9]\d)|3139006\d\d|4062804\d\d|8465004\d\d|9803192\d\d",
    # Bundesnetzagentur, numbers for media productions, notice 148/2021
    "49": r"(?:3023125|6990009|4066969|2214710|8999998)\d{3}|(?:17139200|176040690)\d\d",
    # ACMA, numbers for creative works
    "61": r"[2378](?:5550|7010)\d{4}|1[38]00975(?:70[7-9]|71[01])|1800160401|49157(?:"
    r"0(?:006|110|15[6-9]|313|737)|1(?:266|491|804)|2(?:549|665|983)|3(?:087|770)|4(?:118|632)"
    r"|5(?:254|789)|6(?:398|801)|7(?:426|644)|8(?:148|888|957)|9(?:212|455|760))",
}

# National-only numbers longer than SHORT, or within the plan's possible lengths. China: carriers
# 10xxx, gateways 106…, services 11x and 12xxx, 95xxx with extensions, provincial 96xxx.
SERVICES = {"CN": r"106\d{0,17}|10\d{1,10}|1[12]\d{1,6}|9[56]\d{1,18}"}
# Landlines of Beijing (10) and Ningxia (951 to 955) also have ten digits behind 0 or +86. A prefix
# makes it that landline; without one it is the service: callers there never omit an area code's 0.
LANDLINES = {"CN": r"10\d{8}|95[1-5]\d{7}"}

# The shortest landline or mobile, area code included, where the library's lengths are too wide:
# they admit Beijing's 10 before 95533, and local numbers without their area code.
SHORTEST = {"CN": 10}

# Forms that a plan gave up and that networks and messengers still write after the calling code:
# what they were, and what they are now. In Mexico mobiles had a 1 until August 2019; WhatsApp keeps
# it (daviddrysdale/python-phonenumbers, issue 306). Until then 01, 044 and 045 were dialled there
# before ten digits, and address books still have them (IFT, fundamental plan of 11 May 2018).
# On 30 November 2024 Benin put 01 before all.
# Brazil put a 9 before all mobile numbers until November 2016 (Anatel, resolution 553); those with
# a 7 may be of radio networks, which have no 9. Argentina's 9 before mobiles is in use: without it
# the library takes each number for a landline, and says that the ranges may overlap.
GIVEN_UP = {
    "52": (r"(?:0?1|04[45])([2-9]\d{9})", r"\1"),
    "55": (r"([1-9]\d)([689]\d{7})", r"\g<1>9\2"),
    "229": (r"([2-9]\d{7})", r"01\1"),
}

# 112 and 911 reach emergency services from any mobile phone (3GPP TS 22.101). EMERGENCY_TOO has
# numbers that the library lacks: China's traffic police, Beijing's ambulances, Japan's coast guard.
EMERGENCY_EVERYWHERE = frozenset({"112", "911"})
EMERGENCY_TOO = {"CN": frozenset({"122", "999"}), "JP": frozenset({"118"})}

# What exports and forms hold where a number is missing, and the names of fields: of the columns of
# a table, and in templates that nothing was put into, such as [Number].
NOTHING = frozenset(
    {
        *("", "none", "n/a", "na", "nan", "null", "nil", "undefined", "-", "--", "."),
        *("number", "phone", "phone number", "phonenumber", "phone_number", "telephone", "msisdn"),
        *("caller", "caller id", "callerid", "caller_id", "calleridnum", "cidnum"),
        *("caller number", "callernumber", "caller_number"),
        *("nummer", "rufnummer", "telefonnummer", "telefon", "numéro", "número", "teléfono"),
        *("号码", "號碼", "电话", "電話", "电话号码", "電話號碼", "手机号", "手机号码", "来电号码"),
    }
)

# What people dial before a number to hide or show their own: in mobile networks everywhere (3GPP TS
# 22.030, service 31), on landlines and in North America; and by calling code what has no sign.
HIDING = r"[*#]31[*#]?|\*(?:67|82)#?"
HIDING_DIGITS = {"33": "3651", "353": "14[12]", "44": "141|1470", "64": "0197", "81": "18[46]"}
