//! Value sets that belong to one kind of evidence.

use crate::model::macros::graph_enum;

graph_enum! {
    /// Whether the sensor of a device reports.
    #[derive(Default)]
    pub enum DeviceHealthStatus {
        /// Reports and can be commanded.
        Active = "active",
        /// Silent on every channel.
        Inactive = "inactive",
        /// Cannot be commanded.
        ImpairedCommunication = "impairedCommunication",
        /// Sends no telemetry.
        NoSensorData = "noSensorData",
        /// Neither telemetry nor command channel.
        NoSensorDataImpairedCommunication = "noSensorDataImpairedCommunication",
        /// Not stated.
        #[default]
        Unknown = "unknown",
    }
}

graph_enum! {
    /// The risk of a device, rising. An unknown spelling ranks lowest.
    #[derive(PartialOrd, Ord, Default)]
    pub enum DeviceRiskScore {
        /// No active alerts.
        #[default]
        None = "none",
        /// Informational alerts at most.
        Informational = "informational",
        /// Low alerts at most.
        Low = "low",
        /// Medium alerts at most.
        Medium = "medium",
        /// High alerts.
        High = "high",
    }
}

graph_enum! {
    /// Whether a device is managed.
    pub enum OnboardingStatus {
        /// Too little is known of the device.
        InsufficientInfo = "insufficientInfo",
        /// Managed.
        Onboarded = "onboarded",
        /// Could be managed.
        CanBeOnboarded = "canBeOnboarded",
        /// Cannot be managed.
        Unsupported = "unsupported",
    }
}

graph_enum! {
    /// The state of the antivirus of a device.
    #[derive(Default)]
    pub enum DefenderAvStatus {
        /// Does not report.
        NotReporting = "notReporting",
        /// Off.
        Disabled = "disabled",
        /// On, with old signatures.
        NotUpdated = "notUpdated",
        /// On, with recent signatures.
        Updated = "updated",
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// The device has no such antivirus.
        NotSupported = "notSupported",
    }
}

graph_enum! {
    /// The algorithm of a file hash.
    #[derive(Default)]
    pub enum FileHashAlgorithm {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// MD5.
        Md5 = "md5",
        /// SHA-1.
        Sha1 = "sha1",
        /// SHA-256.
        Sha256 = "sha256",
        /// SHA-256 of the signed part of a file.
        Sha256Ac = "sha256ac",
    }
}

graph_enum! {
    /// Which configuration of a mailbox is meant.
    pub enum MailboxConfigurationType {
        /// Forwarding of all mail.
        MailForwardingRule = "mailForwardingRule",
        /// Web mail settings.
        OwaSettings = "owaSettings",
        /// Web service settings.
        EwsSettings = "ewsSettings",
        /// Rights of others on the mailbox.
        MailDelegation = "mailDelegation",
        /// A rule of the user.
        UserInboxRule = "userInboxRule",
    }
}

graph_enum! {
    /// What a service principal stands for.
    #[derive(Default)]
    pub enum ServicePrincipalType {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// An application.
        Application = "application",
        /// An identity that the cloud manages.
        ManagedIdentity = "managedIdentity",
        /// An application from before app registrations.
        Legacy = "legacy",
    }
}

graph_enum! {
    /// What the filter did with a chat message.
    #[derive(Default)]
    pub enum TeamsMessageDeliveryAction {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Delivered and marked.
        DeliveredAsSpam = "deliveredAsSpam",
        /// Delivered.
        Delivered = "delivered",
        /// Not delivered.
        Blocked = "blocked",
        /// Delivered with its content replaced.
        Replaced = "replaced",
    }
}

graph_enum! {
    /// Where a chat message went.
    #[derive(Default)]
    pub enum TeamsDeliveryLocation {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// The chat.
        Teams = "teams",
        /// Quarantine.
        Quarantine = "quarantine",
        /// Nowhere.
        Failed = "failed",
    }
}

graph_enum! {
    /// Which way a chat message went.
    #[derive(Default)]
    pub enum AntispamTeamsDirection {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// From outside.
        Inbound = "inbound",
        /// To the outside.
        Outbound = "outbound",
        /// Inside the organisation.
        Intraorg = "intraorg",
    }
}

graph_enum! {
    /// Where a Kubernetes cluster runs.
    #[derive(Default)]
    pub enum KubernetesPlatform {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Azure.
        Aks = "aks",
        /// Amazon.
        Eks = "eks",
        /// Google Cloud.
        Gke = "gke",
        /// Elsewhere, joined through Arc.
        Arc = "arc",
    }
}

graph_enum! {
    /// How a Kubernetes service is reached.
    #[derive(Default)]
    pub enum KubernetesServiceType {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Inside the cluster.
        ClusterIp = "clusterIP",
        /// By a name outside.
        ExternalName = "externalName",
        /// By a port of every node.
        NodePort = "nodePort",
        /// By a load balancer.
        LoadBalancer = "loadBalancer",
    }
}

graph_enum! {
    /// The protocol of a container port.
    pub enum ContainerPortProtocol {
        /// UDP.
        Udp = "udp",
        /// TCP.
        Tcp = "tcp",
        /// SCTP.
        Sctp = "sctp",
    }
}

graph_enum! {
    /// How far a Google Cloud location reaches.
    #[derive(Default)]
    pub enum GoogleCloudLocationType {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// A region.
        Regional = "regional",
        /// A zone.
        Zonal = "zonal",
        /// Everywhere.
        Global = "global",
    }
}

graph_enum! {
    /// How much an IoT device matters.
    #[derive(Default)]
    pub enum IoTDeviceImportanceType {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Little.
        Low = "low",
        /// Normally.
        Normal = "normal",
        /// Much.
        High = "high",
    }
}

graph_enum! {
    /// The protocol of a network connection.
    pub enum ProtocolType {
        /// TCP.
        Tcp = "tcp",
        /// UDP.
        Udp = "udp",
    }
}

graph_enum! {
    /// The cloud that a virtual machine runs in.
    #[derive(Default)]
    pub enum VmCloudProvider {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Azure.
        Azure = "azure",
    }
}

graph_enum! {
    /// The platform that hosts an AI agent.
    #[derive(Default)]
    pub enum AiAgentPlatform {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Azure AI Foundry.
        AzureAiFoundry = "azureAIFoundry",
        /// Copilot Studio.
        CopilotStudio = "copilotStudio",
        /// Copilot.
        Copilot = "copilot",
    }
}
