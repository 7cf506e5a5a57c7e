"""JSON lines in, JSON lines out: one process answers thousands of test cases."""
import base64
import binascii
import json

from . import generalize
from .check import verify
from .dialect import check_delimiter, find_delimiter
from .encoding import decode, find_encoding, unpack
from .engine import Source, restore, tokenize
from .errors import Refused
from .localmap import parse_map
from .options import options_from_json
from .reader import read_table
from .schema import load_schema, normalize
from .secret import fingerprint, parse_secret, token


def _bytes(request, name):
    return base64.b64decode(request[name], validate=True)


def _text(data):
    return base64.b64encode(data).decode("ascii")


def _tokenize(schema, request):
    options = options_from_json(request.get("options"))
    key = parse_secret(request["secret"])
    result = tokenize(_bytes(request, "input"), key, schema, request["product"], options)
    return {"output": _text(result.output), "map": _text(result.map_bytes), "report": result.report}


def _verify(schema, request):
    options = options_from_json(request.get("options"))
    source = Source(_bytes(request, "input"), options.delimiter, options.encoding)
    findings = verify(source.header, source.rows, schema, request["product"])
    return {"findings": [finding.as_json() for finding in findings]}


def _restore(schema, request):
    options = options_from_json(request.get("options"))
    return {"output": _text(restore(_bytes(request, "input"), parse_map(_bytes(request, "map")), options))}


def _token(schema, request):
    treatment = schema.treatment(request["column"], None, False)
    if treatment is None or treatment.prefix is None:
        raise Refused("option-invalid", "not a column that is tokenized")
    key = parse_secret(request["secret"])
    return {"token": token(key, treatment.prefix, treatment.column, request["value"])}


def _fingerprint(schema, request):
    return {"fingerprint": fingerprint(parse_secret(request["secret"]))}


def _normalize(schema, request):
    return {"normalized": normalize(request["header"])}


def _classify(schema, request):
    options = options_from_json(request.get("options"))
    schema.check_product(request["product"])
    kind, treatment = schema.classify(request["header"], request["product"], options.safe_harbor)
    return {"kind": "resolved" if kind == "analytics" else kind, "analytics": kind == "analytics",
            "column": treatment.column, "action": treatment.action, "rule": treatment.rule,
            "prefix": treatment.prefix, "saysZip3": schema.says_zip3(request["header"]),
            "suggestions": schema.suggestions(request["header"]) if kind == "suspect" else None}


def _year(schema, request):
    options = options_from_json(request.get("options"))
    return {"result": generalize.year(request["value"], options.earliest_birth) or ""}


def _zip3(schema, request):
    options = options_from_json(request.get("options"))
    found, repaired = generalize.zip3(request["value"], bool(request.get("saysZip3")), options.safe_harbor)
    return {"result": found or "", "repaired": repaired}


def _age90(schema, request):
    return {"result": generalize.age90(request["value"]) or ""}


def _records(schema, request):
    data = unpack(_bytes(request, "input"))
    encoding, bom_length = find_encoding(data, (request.get("options") or {}).get("encoding"))
    delimiter = check_delimiter(request["delimiter"])
    records = read_table(decode(data[bom_length:], encoding), delimiter)
    return {"records": [record.fields for record in records]}


def _detect(schema, request):
    options = options_from_json(request.get("options"))
    data = unpack(_bytes(request, "input"))
    encoding, bom_length = find_encoding(data, options.encoding)
    decode(data[bom_length:], encoding)
    return {"delimiter": find_delimiter(data, bom_length, encoding, options.delimiter), "encoding": encoding}


_OPERATIONS = {"tokenize": _tokenize, "verify": _verify, "restore": _restore, "token": _token,
               "fingerprint": _fingerprint, "normalize": _normalize, "classify": _classify,
               "year": _year, "zip3": _zip3, "age90": _age90, "records": _records, "detect": _detect}


def answer(schema, line):
    number = None
    try:
        request = json.loads(line)
        number = request.get("id")
        reply = _OPERATIONS[request["op"]](schema, request)
        return dict(reply, id=number, ok=True)
    except Refused as refusal:
        return {"id": number, "ok": False, "code": refusal.code, "message": str(refusal)}
    except UnicodeEncodeError:  # a lone surrogate in a JSON string is no text
        return {"id": number, "ok": False, "code": "not-text"}
    except (KeyError, TypeError, AttributeError, ValueError, binascii.Error) as error:
        return {"id": number, "ok": False, "code": "request-invalid", "message": type(error).__name__}


def serve(stdin, stdout):
    """Both are byte streams, so that no locale has a say."""
    schema = load_schema()
    for line in stdin:
        if line.strip():
            stdout.write(json.dumps(answer(schema, line)).encode("ascii") + b"\n")
            stdout.flush()
