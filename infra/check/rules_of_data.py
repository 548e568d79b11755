"""Rules for tables, buckets, queues, keys, secrets and logs in the evaluated state. Each yields what breaks it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from infra.check.policies import applies
from infra.check.state import State, first, listed, statements_of

_FORTNIGHT = 1_209_600


def buckets_take_tls_only(state: State) -> Iterator[str]:
    """Plain HTTP is denied to everyone."""
    for name, statements in _policies_of_buckets(state).items():
        places = (f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/a")
        denying = [one for one in statements if one["Effect"] == "Deny" and one.get("Principal") in ("*", {"AWS": "*"})]
        for place in places:
            plain = {"aws:SecureTransport": "false"}
            if not any(applies(one, "s3:GetObject", place, plain) for one in denying):
                yield f"{name}: plain HTTP is not denied for {place}"


def buckets_take_our_own_puts(state: State) -> Iterator[str]:
    """No put without a header for encryption is denied: neither functions nor upload forms send one. Other keys are."""
    header = "s3:x-amz-server-side-encryption-aws-kms-key-id"
    for name, statements in _policies_of_buckets(state).items():
        key = _key_of_bucket(state, name)
        place = f"arn:aws:s3:::{name}/a"
        denied = [one for one in statements if one["Effect"] == "Deny" and one.get("Principal") == "*"]
        if any(applies(one, "s3:PutObject", place, {"aws:SecureTransport": "true"}) for one in denied):
            yield f"{name}: a put without a header for encryption is denied"
        other = {"aws:SecureTransport": "true", header: "arn:aws:kms:eu-west-2:123456789012:key/another"}
        if key and not any(applies(one, "s3:PutObject", place, other) for one in denied):
            yield f"{name}: a put with another key is not denied"


def buckets_are_private(state: State) -> Iterator[str]:
    """Public access is blocked in every way, and owners of objects are us."""
    blocks = state.by("bucket", "s3_bucket_public_access_block")
    owners = state.by("bucket", "s3_bucket_ownership_controls")
    for bucket in state.of("s3_bucket"):
        name = bucket["bucket"]
        ways = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        if not all(blocks.get(name, {}).get(way) for way in ways):
            yield f"{name}: public access is not blocked"
        if first(owners.get(name, {}).get("rule")).get("object_ownership") != "BucketOwnerEnforced":
            yield f"{name}: objects may belong to others"


def buckets_are_encrypted_logged_and_tidied(state: State) -> Iterator[str]:
    """Own key and access log, except for the bucket of these logs; uploads in parts and old versions end.

    API Gateway reads the certificates that it trusts, which are public, without a key of ours.
    """
    logged = state.by("bucket", "s3_bucket_logging")
    targets = {one["target_bucket"] for one in logged.values()}
    versioned = state.by("bucket", "s3_bucket_versioning")
    lifecycles = state.by("bucket", "s3_bucket_lifecycle_configuration")
    for bucket in state.of("s3_bucket"):
        name = bucket["bucket"]
        if name not in targets and name not in logged:
            yield f"{name}: who reads and writes it is not logged"
        if name not in targets | _truststores(state) and not _key_of_bucket(state, name):
            yield f"{name}: is not encrypted with a key of ours"
        rules = [rule for rule in lifecycles.get(name, {}).get("rule", ()) if rule["status"] == "Enabled"]
        if not any(rule["abort_incomplete_multipart_upload"] for rule in rules):
            yield f"{name}: parts of uploads that were never completed stay for ever"
        enabled = first(versioned.get(name, {}).get("versioning_configuration")).get("status") == "Enabled"
        hidden = [rule for rule in rules if rule["expiration"] and not rule["noncurrent_version_expiration"]]
        if enabled and hidden:
            yield f"{name}: what expires is only hidden, and stays for ever"


def tables_are_protected(state: State) -> Iterator[str]:
    """Own key, deletion protection; a point in time to go back to, unless everything in the table is short-lived."""
    for table in state.of("dynamodb_table"):
        if not first(table["server_side_encryption"]).get("kms_key_arn"):
            yield f"{table['name']}: is not encrypted with a key of ours"
        if not table["deletion_protection_enabled"]:
            yield f"{table['name']}: can be deleted"
        if not first(table["point_in_time_recovery"]).get("enabled") and not first(table["ttl"]).get("enabled"):
            yield f"{table['name']}: cannot be restored to a point in time"


def tables_declare_their_keys(state: State) -> Iterator[str]:
    """The declared attributes are those of the keys: DynamoDB refuses any other table."""
    for table in state.of("dynamodb_table"):
        indexes = (table, *(table["global_secondary_index"] or ()))
        keys = {one[key] for one in indexes for key in ("hash_key", "range_key") if one.get(key)}
        keys |= {key["attribute_name"] for one in indexes for key in one.get("key_schema") or ()}
        if keys != {one["name"] for one in table["attribute"]}:
            yield f"{table['name']}: the declared attributes differ from its keys"


def audit_is_only_added_to(state: State) -> Iterator[str]:
    """Nobody can change or delete an entry: no role may, and the table's own policy denies it to everyone."""
    changes = ("UpdateItem", "DeleteItem", "PutItem", "BatchWriteItem", "PartiQLUpdate", "PartiQLDelete")
    policies = state.by("resource_arn", "dynamodb_resource_policy")
    for table in state.of("dynamodb_table"):
        if not table["name"].endswith("-audit"):
            continue
        own = statements_of(policies[table["arn"]]["policy"]) if table["arn"] in policies else []
        for change in changes:
            action = f"dynamodb:{change}"
            if not any(one["Effect"] == "Deny" and applies(one, action, table["arn"], {}) for one in own):
                yield f"{table['name']}: {change} is not denied to everyone"
            for role, statements in state.policies():
                if any(one["Effect"] == "Allow" and applies(one, action, table["arn"], {}) for one in statements):
                    yield f"{table['name']}: {role} may {change}"


def queues_are_encrypted_at_a_fair_price(state: State) -> Iterator[str]:
    """Own key; a data key is used again, or each message would cost a call of KMS."""
    for queue in state.of("sqs_queue"):
        if not queue["kms_master_key_id"]:
            yield f"{queue['name']}: is not encrypted with a key of ours"
        elif (queue["kms_data_key_reuse_period_seconds"] or 0) < 300:
            yield f"{queue['name']}: asks for a data key too often"


def queues_have_dead_letters(state: State) -> Iterator[str]:
    """What feeds a function gives up into a queue of ours, which keeps messages longer."""
    queues = state.by("arn", "sqs_queue")
    redrives = {one["queue_url"]: one["redrive_policy"] for one in state.of("sqs_queue_redrive_policy")}
    for mapping in state.of("lambda_event_source_mapping"):
        queue = queues.get(mapping["event_source_arn"])
        if queue is None:
            continue
        policy = redrives.get(queue["url"], queue["redrive_policy"] or "")
        found = _json(policy)
        dead = queues.get(found.get("deadLetterTargetArn", ""))
        if dead is None or not isinstance(found.get("maxReceiveCount"), int):
            yield f"{queue['name']}: has no dead letters"
        elif dead["message_retention_seconds"] < _FORTNIGHT:
            yield f"{dead['name']}: keeps dead letters for less than a fortnight"


def senders_to_queues_and_topics_are_known(state: State) -> Iterator[str]:
    """A service may only send on our behalf: its account or resource is named."""
    for kind in ("sqs_queue_policy", "sns_topic_policy"):
        for policy in state.of(kind):
            for statement in statements_of(policy["policy"]):
                services = statement.get("Principal") if isinstance(statement.get("Principal"), dict) else {}
                named = {key.lower() for tests in statement.get("Condition", {}).values() for key in tests}
                known = {"aws:sourcearn", "aws:sourceaccount"} & named
                if statement["Effect"] == "Allow" and "Service" in (services or {}) and not known:
                    yield f"{policy['id']}: {services} may send for anyone's account"


def event_bridge_may_use_its_keys(state: State) -> Iterator[str]:
    """Its requests to KMS carry neither account nor rule, so a condition on one would silently end every delivery."""
    for key in state.of("kms_key"):
        for statement in statements_of(key["policy"]):
            services = statement.get("Principal") if isinstance(statement.get("Principal"), dict) else {}
            named = {name.lower() for tests in statement.get("Condition", {}).values() for name in tests}
            asked = sorted(name for name in named if name.startswith("aws:source"))
            if "events.amazonaws.com" in listed((services or {}).get("Service", [])) and asked:
                yield f"{key['description']}: EventBridge may not use it, as its requests have no {', '.join(asked)}"


def logs_end_and_are_encrypted(state: State) -> Iterator[str]:
    """Retention and a key of ours, whose policy lets CloudWatch Logs use it."""
    keys = state.by("arn", "kms_key")
    for group in state.of("cloudwatch_log_group"):
        if not group["retention_in_days"]:
            yield f"{group['name']}: is kept for ever"
        key = keys.get(group["kms_key_id"] or "")
        if key is None:
            yield f"{group['name']}: is not encrypted with a key of ours"
        elif not any("logs." in str(one.get("Principal")) for one in statements_of(key["policy"])):
            yield f"{group['name']}: CloudWatch Logs may not use its key"


def keys_rotate_and_can_be_kept(state: State) -> Iterator[str]:
    """Yearly rotation, and 30 days in which a deletion can be called off."""
    for key in state.of("kms_key"):
        if not key["enable_key_rotation"] or (key["deletion_window_in_days"] or 0) < 30:
            yield f"{key['description']}: does not rotate, or is gone sooner than in 30 days"


def secrets_have_no_value(state: State) -> Iterator[str]:
    """A state file is read by many: values come from an operator's command."""
    yield from (f"{one['secret_id']}: has a value" for one in state.of("secretsmanager_secret_version"))


def scans_tag_and_report(state: State) -> Iterator[str]:
    """Scanned files are tagged; only the scanner may change tags, and its results go to a queue."""
    targets = {one["rule"]: one["arn"] for one in state.of("cloudwatch_event_target")}
    for plan in state.of("guardduty_malware_protection_plan"):
        name = first(first(plan["protected_resource"]).get("s3_bucket"))["bucket_name"]
        if first(first(plan["actions"]).get("tagging")).get("status") != "ENABLED":
            yield f"{name}: scanned files are not tagged"
        if ":sqs:" not in targets.get(f"{name}-scan", ""):
            yield f"{name}: the results of scans go nowhere"
        denied = [one for one in _policies_of_buckets(state)[name] if one["Effect"] == "Deny"]
        anyone = {"aws:SecureTransport": "true", "aws:PrincipalArn": "arn:aws:iam::123456789012:role/anyone"}
        if not any(applies(one, "s3:PutObjectTagging", f"arn:aws:s3:::{name}/drop/a", anyone) for one in denied):
            yield f"{name}: anyone may tag a file as clean"


def mail_is_encrypted_and_watched(state: State) -> Iterator[str]:
    """`SendEmail` names no configuration set, so that the identity needs a default one."""
    sets = state.by("configuration_set_name", "sesv2_configuration_set")
    watched = {one["configuration_set_name"] for one in state.of("sesv2_configuration_set_event_destination")}
    for identity in state.of("sesv2_email_identity"):
        name = identity["configuration_set_name"]
        if first(sets.get(name, {}).get("delivery_options")).get("tls_policy") != "REQUIRE":
            yield f"{identity['email_identity']}: sends without TLS"
        if name not in watched:
            yield f"{identity['email_identity']}: nobody hears of bounces"


def _truststores(state: State) -> set[str]:
    domains = [first(one["mutual_tls_authentication"]) for one in state.of("api_gateway_domain_name")]
    return {one["truststore_uri"].split("/")[2] for one in domains if one}


def _policies_of_buckets(state: State) -> dict[str, list[dict[str, Any]]]:
    policies = {one["bucket"]: statements_of(one["policy"]) for one in state.of("s3_bucket_policy")}
    return {bucket["bucket"]: policies.get(bucket["bucket"], []) for bucket in state.of("s3_bucket")}


def _key_of_bucket(state: State, name: str) -> str:
    found = state.by("bucket", "s3_bucket_server_side_encryption_configuration").get(name, {})
    default = first(first(found.get("rule")).get("apply_server_side_encryption_by_default"))
    key = str(default.get("kms_master_key_id") or "")
    return key if key.startswith("arn:") else ""


def _json(text: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text) if text.startswith("{") else {}
    return found


RULES = (
    buckets_take_tls_only, buckets_take_our_own_puts, buckets_are_private, buckets_are_encrypted_logged_and_tidied,
    tables_are_protected, tables_declare_their_keys, audit_is_only_added_to, queues_are_encrypted_at_a_fair_price,
    queues_have_dead_letters, senders_to_queues_and_topics_are_known, event_bridge_may_use_its_keys,
    logs_end_and_are_encrypted, keys_rotate_and_can_be_kept, secrets_have_no_value, scans_tag_and_report,
    mail_is_encrypted_and_watched,
)  # fmt: skip
