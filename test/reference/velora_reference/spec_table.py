"""The table of section 4.

The run itself reads `schemas/`; the self-test holds the two against each other,
so that a slip in the data does not go unnoticed.
"""

_TOKENIZE = """
NAM patient_name patient_first_name patient_middle_name patient_last_name patient_suffix
NAM subscriber_name subscriber_first_name subscriber_middle_name subscriber_last_name
NAM dependent_name guarantor_name contact_name mother_maiden_name
ORG employer_name
ADR address_line_1 address_line_2
CTY city
CNT county
BPL birthplace
PHN phone phone_alternate
FAX fax
EML email
SSN ssn subscriber_ssn dependent_ssn
MRN mrn
MBR member_id
SUB subscriber_id
MBI medicare_id
MCD medicaid_id
POL policy_number
ACC patient_account_number
BNK bank_account_number
LIC license_number drivers_license
DEA dea_number
PSP passport_number
VIN vehicle_id license_plate
DEV device_id
URL url
IPA ip_address
BIO biometric_id
IMG photo
CLM claim_id
PAT patient_id
ENC encounter_id
EMP employee_id
AUT authorization_number
RXN prescription_number
EIN tax_id
NPI npi rendering_npi billing_npi referring_npi prescriber_npi facility_npi
"""
_DROP = "latitude longitude census_tract notes"
_YEAR = "date_of_birth subscriber_date_of_birth dependent_date_of_birth date_of_death"

PRODUCTS = ("instant_audit claims_replay tpa_spread pbm_transparency "
            "leakage_detection provider_benchmark").split()
KEEPS_NPI = "provider_benchmark"


def _rows():
    for line in _TOKENIZE.split("\n"):
        prefix, _, names = line.partition(" ")
        for name in names.split():
            yield name, (prefix, "tokenize", None)
    for name in _DROP.split():
        yield name, (None, "drop", None)
    for name in _YEAR.split():
        yield name, (None, "generalize", "year")
    yield "zip", (None, "generalize", "zip3")
    yield "age", (None, "keep", None)


TABLE = dict(_rows())  # column -> (prefix, action, rule)
