"""A sample of typings gives the schema of the provider that they were generated from."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from infra.check.extract_schema import SCHEMA_FILE, extracted, main, packed

CODE = """
class ThingFilterOutputReference extends cdktn.ComplexObject {
    // prefix - computed: false, optional: true, required: false
    get prefix() {
        return this.getStringAttribute('prefix');
    }
}
class ThingFilterList extends cdktn.ComplexList {
}
class ThingStateOutputReference extends cdktn.ComplexObject {
    // since - computed: true, optional: false, required: false
    get since() {
        return this.getNumberAttribute('since');
    }
}
class ThingStateList extends cdktn.ComplexList {
}
class ThingEncryptionOutputReference extends cdktn.ComplexObject {
    // on - computed: false, optional: false, required: true
    get on() {
        return this.getBooleanAttribute('on');
    }
}
class ThingTimeoutsOutputReference extends cdktn.ComplexObject {
    // create - computed: false, optional: true, required: false
    get create() {
        return this.getStringAttribute('create');
    }
}
class Thing extends cdktn.TerraformResource {
    static tfResourceType = "aws_thing";
    // name - computed: false, optional: false, required: true
    get name() {
        return this.getStringAttribute('name');
    }
    // names - computed: false, optional: true, required: false
    get names() {
        return cdktn.Fn.tolist(this.getListAttribute('names'));
    }
    // tags - computed: true, optional: true, required: false
    _tags;
    get tags() {
        return this.getStringMapAttribute('tags');
    }
    // state - computed: true, optional: false, required: false
    _state = new ThingStateList(this, "state", false);
    get state() {
        return this._state;
    }
    // filter - computed: false, optional: true, required: false
    _filter = new structs.ThingFilterList(this, "filter", true);
    get filter() {
        return this._filter;
    }
    // encryption - computed: false, optional: false, required: true
    _encryption = new ThingEncryptionOutputReference(this, "encryption");
    get encryption() {
        return this._encryption;
    }
    // timeouts - computed: false, optional: true, required: false
    _timeouts = new ThingTimeoutsOutputReference(this, "timeouts");
    get timeouts() {
        return this._timeouts;
    }
    // =========
    // SYNTHESIS
}
"""
DECLARATIONS = """
export interface ThingConfig extends cdktn.TerraformMetaArguments {
    readonly name: string;
    /**
    * filter block
    */
    readonly filter?: ThingFilter[];
    /**
    * encryption block
    */
    readonly encryption: ThingEncryption;
    /**
    * timeouts block
    */
    readonly timeouts?: ThingTimeouts;
}
"""
SCHEMA = {
    "attributes": {
        "name": {"type": "string", "required": True},
        "names": {"type": ["set", "string"], "optional": True},
        "tags": {"type": ["map", "string"], "optional": True, "computed": True},
        "state": {"type": ["list", ["object", {"since": "number"}]], "computed": True},
    },
    "block_types": {
        "filter": {
            "nesting_mode": "set",
            "block": {"attributes": {"prefix": {"type": "string", "optional": True}}, "block_types": {}},
        },
        "encryption": {
            "nesting_mode": "list",
            "max_items": 1,
            "min_items": 1,
            "block": {"attributes": {"on": {"type": "bool", "required": True}}, "block_types": {}},
        },
        "timeouts": {
            "nesting_mode": "single",
            "block": {"attributes": {"create": {"type": "string", "optional": True}}, "block_types": {}},
        },
    },
}


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    files = {
        "lib/thing/index.js": CODE,
        "lib/thing/index.d.ts": DECLARATIONS,
        "package.json": json.dumps({"cdktf": {"provider": {"version": "6.0.1"}}}),
    }
    packed_typings = io.BytesIO()
    with tarfile.open(fileobj=packed_typings, mode="w:gz") as archive:
        for name, text in files.items():
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size = len(text.encode())
            archive.addfile(entry, io.BytesIO(text.encode()))
    path = tmp_path / "typings.whl"
    with zipfile.ZipFile(path, "w") as whole:
        whole.writestr("cdktn_provider_aws/_jsii/provider-aws@1.jsii.tgz", packed_typings.getvalue())
    return path


def test_attributes_and_blocks_have_the_types_and_limits_of_the_provider(wheel: Path) -> None:
    schema = extracted(wheel)
    assert schema["resource_schemas"] == {"aws_thing": {"version": 0, "block": SCHEMA}}
    assert (schema["version"], schema["data_source_schemas"]) == ("6.0.1", {})


def test_the_command_writes_the_same_bytes_each_time(wheel: Path, tmp_path: Path) -> None:
    written = [tmp_path / name for name in ("one.gz", "two.gz")]
    assert [main([str(wheel), "--out", str(path)]) for path in written] == [0, 0]
    assert written[0].read_bytes() == written[1].read_bytes()
    assert json.loads(gzip.decompress(written[0].read_bytes())) == extracted(wheel)


def test_another_wheel_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.whl", "w"):
        pass
    with pytest.raises(ValueError, match=r"other\.whl has no typings"):
        extracted(tmp_path / "other.whl")


def test_the_committed_schema_is_written_as_the_command_writes_it() -> None:
    text = gzip.decompress(SCHEMA_FILE.read_bytes())
    assert gzip.decompress(packed(json.loads(text))) == text
