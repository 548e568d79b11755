"""Trivy and checkov over the Terraform code. What is skipped stands beside the resource, or here, with its reason."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Final

from infra.check.terraform import PYTHON, REPOSITORY

TRIVY: Final = PYTHON.with_name("trivy")
CHECKOV: Final = REPOSITORY / ".venv-checkov" / "bin" / "checkov"

SKIPPED: Final[dict[str, str]] = {
    "CKV_AWS_109": "in the policy of a key, a resource * is the key; the deploy role manages what it deploys",
    "CKV_AWS_110": "the deploy role makes roles, but only within a boundary, see decision 37",
    "CKV_AWS_111": "see CKV_AWS_109",
    "CKV_AWS_116": "queues and streams have dead letters of their own, and the web service is called synchronously",
    "CKV_AWS_117": "no function needs a private network: it only calls public endpoints, with credentials",
    "CKV_AWS_120": "answers have personal data, which is not cached",
    "CKV_AWS_144": "no second region is agreed; AWS Backup keeps copies",
    "CKV_AWS_164": "awarding organisations reach SFTP over the internet",
    "CKV_AWS_192": "the rule groups are a list, which checkov does not follow; a rule of ours checks them",
    "CKV_AWS_21": "access logs are written once and never replaced; a rule of ours checks every other bucket",
    "CKV_AWS_225": "answers have personal data, which is not cached",
    "CKV_AWS_237": "an API is changed in place; a second one could not have its domain",
    "CKV_AWS_272": "only the deploy role can write packages, and a test compares the package with its source",
    "CKV_AWS_297": "a schedule has no data to encrypt",
    "CKV_AWS_300": "checkov does not follow the list of rules; a rule of ours checks that uploads in parts end",
    "CKV_AWS_356": "see CKV_AWS_109",
    "CKV_AWS_380": "the policy is a newer one than checkov knows",
    "CKV_AWS_73": "a trace of the stage has the address of the request, which can contain a ULN",
    "CKV2_AWS_4": "the level is ERROR; checkov also wants a metric of every method, which we do not pay for",
    "CKV2_AWS_51": "client certificates are checked by the custom domain, and the default address is off",
    "CKV2_AWS_57": "an operator's command replaces secrets: earlier signing keys have to stay valid for a time",
    "CKV2_AWS_77": "see CKV_AWS_192",
    "AWS-0003": "see CKV_AWS_73",
    "AWS-0089": "the bucket of access logs does not log itself; a rule of ours checks every other bucket",
    "AWS-0090": "see CKV_AWS_21",
    "AWS-0190": "see CKV_AWS_120",
}
"""Checks that are not for this service, each with the reason."""


def trivy(root: Path) -> list[str]:
    """What trivy finds."""
    command = [str(TRIVY), "config", "--quiet", "--format", "json", "--skip-check-update", "--skip-version-check"]
    ended = subprocess.run([*command, "--disable-telemetry", str(root)], capture_output=True, text=True, check=True)
    return [
        f"{found['ID']} {file['Target']}"
        f":{found['CauseMetadata'].get('StartLine', 0)} {found['CauseMetadata'].get('Resource', '')} {found['Message']}"
        for file in json.loads(ended.stdout).get("Results") or ()
        for found in file.get("Misconfigurations") or ()
        if found["Status"] == "FAIL" and found["ID"] not in SKIPPED
    ]


def checkov(root: Path) -> list[str]:
    """What checkov finds."""
    skipped = ",".join(name for name in SKIPPED if name.startswith("CKV"))
    command = [str(CHECKOV), "-d", str(root), "--framework", "terraform", "--skip-download", "--compact", "--quiet"]
    ended = subprocess.run(
        [*command, "-o", "json", "--skip-check", skipped], capture_output=True, text=True, check=False
    )
    report = json.loads(ended.stdout)
    reports = report if isinstance(report, list) else [report]
    return [
        f"{found['check_id']} {found['file_path'].lstrip('/')}:{found['file_line_range'][0]} {found['resource']} "
        f"{found['check_name']}"
        for one in reports
        for found in one.get("results", {}).get("failed_checks", ())
    ]
