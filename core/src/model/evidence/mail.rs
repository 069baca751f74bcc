//! Mail and chat messages, mailboxes and submissions.

use super::Evidence;
use super::complex::{EmailSender, UserAccount};
use crate::model::Time;
use crate::model::enums::{
    AntispamTeamsDirection, MailboxConfigurationType, TeamsDeliveryLocation, TeamsMessageDeliveryAction,
};
use crate::model::macros::graph_object;

graph_object! {
    /// A mail message as one recipient got it.
    pub struct AnalyzedMessageEvidence {
        "antiSpamDirection" => anti_spam_direction: String,
        "attachmentsCount" => attachments_count: i64,
        "deliveryAction" => delivery_action: String,
        "deliveryLocation" => delivery_location: String,
        "internetMessageId" => internet_message_id: String,
        "language" => language: String,
        /// Identifier that all copies of a message share.
        "networkMessageId" => network_message_id: String,
        /// Sender of the envelope.
        "p1Sender" => p1_sender: EmailSender,
        /// Sender of the header.
        "p2Sender" => p2_sender: EmailSender,
        "receivedDateTime" => received_date_time: Time,
        "recipientEmailAddress" => recipient_email_address: String,
        "senderIp" => sender_ip: String,
        "subject" => subject: String,
        "threatDetectionMethods" => threat_detection_methods: [String],
        "threats" => threats: [String],
        "urlCount" => url_count: i64,
        "urls" => urls: [String],
        "urn" => urn: String,
    }
}

graph_object! {
    /// A mailbox.
    pub struct MailboxEvidence {
        "displayName" => display_name: String,
        "primaryAddress" => primary_address: String,
        "upn" => upn: String,
        "userAccount" => user_account: UserAccount,
    }
}

graph_object! {
    /// A setting or rule of a mailbox.
    pub struct MailboxConfigurationEvidence {
        "configurationId" => configuration_id: String,
        "configurationType" => configuration_type: MailboxConfigurationType,
        "displayName" => display_name: String,
        "externalDirectoryObjectId" => external_directory_object_id: String,
        "mailboxPrimaryAddress" => mailbox_primary_address: String,
        "upn" => upn: String,
    }
}

graph_object! {
    /// Messages that resemble each other.
    pub struct MailClusterEvidence {
        "clusterBy" => cluster_by: String,
        "clusterByValue" => cluster_by_value: String,
        "emailCount" => email_count: i64,
        "networkMessageIds" => network_message_ids: [String],
        "query" => query: String,
        "urn" => urn: String,
    }
}

graph_object! {
    /// A message that somebody reported.
    pub struct SubmissionMailEvidence {
        /// Identifier that all copies of a message share.
        "networkMessageId" => network_message_id: String,
        "recipient" => recipient: String,
        "reportType" => report_type: String,
        "sender" => sender: String,
        "senderIp" => sender_ip: String,
        "subject" => subject: String,
        "submissionDateTime" => submission_date_time: Time,
        "submissionId" => submission_id: String,
        "submitter" => submitter: String,
    }
}

graph_object! {
    /// A chat message.
    pub struct TeamsMessageEvidence {
        "campaignId" => campaign_id: String,
        "channelId" => channel_id: String,
        "deliveryAction" => delivery_action: TeamsMessageDeliveryAction,
        "deliveryLocation" => delivery_location: TeamsDeliveryLocation,
        "files" => files: [Evidence] as File,
        "groupId" => group_id: String,
        "isExternal" => is_external: bool,
        "isOwned" => is_owned: bool,
        "lastModifiedDateTime" => last_modified_date_time: Time,
        "messageDirection" => message_direction: AntispamTeamsDirection,
        "messageId" => message_id: String,
        "owningTenantId" => owning_tenant_id: String,
        "parentMessageId" => parent_message_id: String,
        "receivedDateTime" => received_date_time: Time,
        "recipients" => recipients: [String],
        "senderFromAddress" => sender_from_address: String,
        "senderIP" => sender_ip: String,
        "sourceAppName" => source_app_name: String,
        "sourceId" => source_id: String,
        "subject" => subject: String,
        "suspiciousRecipients" => suspicious_recipients: [String],
        "threadId" => thread_id: String,
        "threadType" => thread_type: String,
        "urls" => urls: [Evidence] as Url,
    }
}
