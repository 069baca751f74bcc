//! Records of products other than the Windows event log.

use serde_json::json;

use super::{find, from_record, in_all_forms, is, run};

#[test]
fn malware() {
    in_all_forms(
        "Microsoft-Windows-Windows Defender/Operational",
        1116,
        &json!({"Threat Name": "Trojan:Win32/Example"}),
        &[("malware", json!({"name": "Trojan:Win32/Example"}))],
    );
}

#[test]
fn defender_rows() {
    let event = json!({"Timestamp": "2026-03-02T09:15:00Z", "DeviceName": "ws-17.alder.example",
        "DeviceId": "1111111111111111111111111111111111111111", "ActionType": "ProcessCreated", "FolderPath": "C:\\a.exe",
        "SHA1": "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3", "ProcessId": 9, "ProcessCreationTime": "2026-03-02T09:14:59.5Z",
        "ProcessCommandLine": "a", "InitiatingProcessFolderPath": "c:\\b.exe", "InitiatingProcessId": 8,
        "InitiatingProcessCreationTime": "2026-03-02T09:00:00Z", "InitiatingProcessAccountName": "ada",
        "InitiatingProcessAccountDomain": "alder", "InitiatingProcessAccountUpn": "ada@alder.example",
        "InitiatingProcessLogonId": 22});
    from_record(
        &event,
        &[
            ("device", json!({"mdeDeviceId": "1111111111111111111111111111111111111111"})),
            (
                "process",
                json!({"processId": 9, "processCreationDateTime": "2026-03-02T09:14:59Z", "parentProcessId": 8,
            "imageFile": {"sha1": "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"},
            "parentProcessCreationDateTime": "2026-03-02T09:00:00Z"}),
            ),
            ("process", json!({"processId": 8, "imageFile": {"fileName": "b.exe"}})),
            ("user", json!({"userAccount": {"accountName": "ada", "userPrincipalName": "ada@alder.example"}})),
            ("hostLogonSession", json!({"sessionId": "0x16"})),
        ],
    );
    let loaded = json!({"Timestamp": "2026-03-02T09:15:00Z", "DeviceName": "ws-17", "ActionType": "FileCreated",
        "FolderPath": "C:\\x.hta", "InitiatingProcessFolderPath": "c:\\b.exe", "InitiatingProcessId": 8,
        "InitiatingProcessCreationTime": "2026-03-02T09:00:00Z", "SHA1": "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"});
    let out = run(&loaded);
    let processes = out["evidence"].as_array().unwrap().iter().filter(|item| is(item, "process")).count();
    assert_eq!(processes, 1, "{out:#}");
    assert!(find(&out, "file", &json!({"fileDetails": {"sha1": "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3"}})));
}

#[test]
fn office_mail_and_forwarding() {
    from_record(
        &json!({"CreationTime": "2026-03-02T09:15:00", "Workload": "Exchange", "Operation": "New-InboxRule",
        "UserId": "ada@alder.example", "ClientIP": "[2001:db8::7]:4711", "MailboxOwnerUPN": "ada@alder.example",
        "ClientAppId": "0f0f0f0f-1111-4222-8333-444444444444",
        "Parameters": [{"Name": "Name", "Value": "."}, {"Name": "ForwardTo", "Value": "x@drop.example"}]}),
        &[
            ("mailbox", json!({"upn": "ada@alder.example"})),
            ("user", json!({"userAccount": {"userPrincipalName": "ada@alder.example"}})),
            ("ip", json!({"ipAddress": "2001:db8::7", "roles": ["source"]})),
            ("oauthApplication", json!({"appId": "0f0f0f0f-1111-4222-8333-444444444444"})),
            (
                "mailboxConfiguration",
                json!({"configurationType": "mailForwardingRule", "forwardsTo": ["x@drop.example"]}),
            ),
        ],
    );
}

#[test]
fn directory_audit_as_text_and_nested() {
    let wanted = [
        ("user", json!({"userAccount": {"userPrincipalName": "ada@alder.example", "azureAdUserId": "u-1"}})),
        ("ip", json!({"ipAddress": "203.0.113.8", "roles": ["source"]})),
        ("oauthApplication", json!({"objectId": "a-1", "displayName": "Ledger"})),
        ("servicePrincipal", json!({"servicePrincipalObjectId": "s-1"})),
    ];
    let by = json!({"user": {"id": "u-1", "userPrincipalName": "ada@alder.example", "ipAddress": "203.0.113.8"}});
    let to = json!([{"id": "a-1", "type": "Application", "displayName": "Ledger"},
        {"id": "s-1", "type": "ServicePrincipal", "displayName": "Ledger"}]);
    from_record(
        &json!({"TimeGenerated": "2026-03-02T09:15:00Z", "Type": "AuditLogs", "OperationName": "o", "Category": "c",
        "LoggedByService": "l", "InitiatedBy": by.to_string(), "TargetResources": to.to_string()}),
        &wanted,
    );
    from_record(
        &json!({"activityDateTime": "2026-03-02T09:15:00Z", "activityDisplayName": "o", "loggedByService": "l",
        "initiatedBy": by, "targetResources": to}),
        &wanted,
    );
}

#[test]
fn clouds() {
    from_record(
        &json!({"eventVersion": "1", "eventTime": "2026-03-02T09:15:00Z", "eventSource": "s3.amazonaws.com",
        "eventName": "PutBucketPolicy", "awsRegion": "eu-west-1", "sourceIPAddress": "203.0.113.8",
        "userIdentity": {"type": "IAMUser", "userName": "ada", "accountId": "111122223333"},
        "requestParameters": {"bucketName": "ledgers"}, "resources": [{"ARN": "arn:aws:s3:::ledgers"}]}),
        &[
            ("user", json!({"userAccount": {"accountName": "ada", "domainName": "111122223333"}})),
            ("ip", json!({"ipAddress": "203.0.113.8"})),
            ("amazonResource", json!({"amazonResourceId": "arn:aws:s3:::ledgers", "resourceType": "AWS::S3::Bucket"})),
        ],
    );
    from_record(
        &json!({"TimeGenerated": "2026-03-02T09:15:00Z", "OperationNameValue": "M.C/V/DELETE", "Caller": "ada@alder.example",
        "ResourceId": "/subscriptions/1/providers/m.c/vaults/keys", "CallerIpAddress": "203.0.113.8"}),
        &[
            ("azureResource", json!({"resourceName": "keys"})),
            ("user", json!({"userAccount": {"userPrincipalName": "ada@alder.example"}})),
        ],
    );
    from_record(
        &json!({"timestamp": "2026-03-02T09:15:00Z", "protoPayload": {"methodName": "m",
        "resourceName": "projects/p/x", "authenticationInfo": {"principalEmail": "ada@alder.example"}}}),
        &[("googleCloudResource", json!({"fullResourceName": "projects/p/x"}))],
    );
    from_record(
        &json!({"auditID": "1", "verb": "get", "user": {"username": "ada"}, "sourceIPs": ["203.0.113.8"],
        "objectRef": {"resource": "secrets", "namespace": "prod", "name": "token"}}),
        &[
            ("kubernetesSecret", json!({"name": "token", "namespace": {"name": "prod"}})),
            ("ip", json!({"ipAddress": "203.0.113.8"})),
        ],
    );
    from_record(
        &json!({"action": "repo.access", "actor": "ada", "org": "alder", "repo": "alder/ledger"}),
        &[("gitHubUser", json!({"login": "ada"})), ("gitHubOrganization", json!({"login": "alder"}))],
    );
}
