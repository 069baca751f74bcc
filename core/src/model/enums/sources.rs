//! Which product raised an alert, and which technology saw it.

use crate::model::macros::graph_enum;

graph_enum! {
    /// The product that created an alert.
    #[derive(Default)]
    pub enum ServiceSource {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Defender for Endpoint.
        MicrosoftDefenderForEndpoint = "microsoftDefenderForEndpoint"
            | "MicrosoftDefenderATP" | "WindowsDefenderATP" | "MDATP" | "MDE"
            | "MicrosoftDefenderAdvancedThreatProtection",
        /// Defender for Identity.
        MicrosoftDefenderForIdentity = "microsoftDefenderForIdentity"
            | "AzureATP" | "AATP" | "MDI" | "AzureAdvancedThreatProtection",
        /// Defender for Cloud Apps.
        MicrosoftDefenderForCloudApps = "microsoftDefenderForCloudApps"
            | "MicrosoftCloudAppSecurity" | "MCAS" | "MDA",
        /// Defender for Office 365.
        MicrosoftDefenderForOffice365 = "microsoftDefenderForOffice365"
            | "OfficeATP" | "OATP" | "MDO" | "Office365AdvancedThreatProtection",
        /// Defender XDR itself.
        Microsoft365Defender = "microsoft365Defender" | "MTP" | "M365D"
            | "MicrosoftThreatProtection" | "MicrosoftDefenderXDR" | "MicrosoftXDR",
        /// Entra ID Protection.
        AzureAdIdentityProtection = "azureAdIdentityProtection" | "AadIdentityProtection" | "IPC"
            | "AzureActiveDirectoryIdentityProtection" | "MicrosoftEntraIDProtection",
        /// App governance.
        MicrosoftAppGovernance = "microsoftAppGovernance" | "AppGovernance",
        /// Data loss prevention.
        DataLossPrevention = "dataLossPrevention" | "MicrosoftDataLossPrevention" | "MicrosoftDLP" | "DLP",
        /// Defender for Cloud.
        MicrosoftDefenderForCloud = "microsoftDefenderForCloud" | "AzureSecurityCenter" | "ASC"
            | "AzureDefender",
        /// Sentinel.
        MicrosoftSentinel = "microsoftSentinel" | "AzureSentinel",
        /// Insider risk management.
        MicrosoftInsiderRiskManagement = "microsoftInsiderRiskManagement" | "InsiderRiskManagement",
        /// Threat intelligence.
        MicrosoftThreatIntelligence = "microsoftThreatIntelligence",
        /// Security for AI.
        MicrosoftSecurityForAi = "microsoftSecurityForAI",
    }
}

graph_enum! {
    /// The technology that saw what an alert is about.
    #[derive(Default)]
    pub enum DetectionSource {
        /// Not stated.
        #[default]
        Unknown = "unknown",
        /// Endpoint sensor.
        MicrosoftDefenderForEndpoint = "microsoftDefenderForEndpoint"
            | "WindowsDefenderAtp" | "MicrosoftDefenderATP" | "EDR",
        /// Antivirus.
        Antivirus = "antivirus" | "WindowsDefenderAv" | "MicrosoftDefenderAntivirus",
        /// Reputation check of downloads and sites.
        SmartScreen = "smartScreen" | "WindowsDefenderSmartScreen" | "MicrosoftDefenderSmartScreen",
        /// The customer's own indicators.
        CustomTi = "customTi" | "CustomerTI",
        /// Mail and collaboration filter.
        MicrosoftDefenderForOffice365 = "microsoftDefenderForOffice365" | "OfficeATP",
        /// Automated investigation.
        AutomatedInvestigation = "automatedInvestigation",
        /// The vendor's hunters.
        MicrosoftThreatExperts = "microsoftThreatExperts" | "ThreatExperts",
        /// The customer's own detection rule.
        CustomDetection = "customDetection",
        /// Domain controller sensor.
        MicrosoftDefenderForIdentity = "microsoftDefenderForIdentity" | "AzureATP",
        /// Cloud application monitor.
        CloudAppSecurity = "cloudAppSecurity" | "MCAS" | "MicrosoftCloudAppSecurity" | "MicrosoftDefenderForCloudApps",
        /// Correlation across products.
        Microsoft365Defender = "microsoft365Defender" | "MTP" | "MicrosoftThreatProtection"
            | "MicrosoftDefenderXDR" | "MicrosoftXDR",
        /// Sign-in risk.
        AzureAdIdentityProtection = "azureAdIdentityProtection" | "AadIdentityProtection"
            | "MicrosoftEntraIDProtection",
        /// A person.
        Manual = "manual",
        /// Data loss prevention.
        MicrosoftDataLossPrevention = "microsoftDataLossPrevention" | "MicrosoftDLP",
        /// App governance, by policy.
        AppGovernancePolicy = "appGovernancePolicy",
        /// App governance, by detection.
        AppGovernanceDetection = "appGovernanceDetection",
        /// Cloud workload monitor.
        MicrosoftDefenderForCloud = "microsoftDefenderForCloud" | "DefenderForCloud" | "AzureSecurityCenter",
        /// Sensor of industrial and other things.
        MicrosoftDefenderForIoT = "microsoftDefenderForIoT" | "DefenderForIoT",
        /// Cloud monitor of servers.
        MicrosoftDefenderForServers = "microsoftDefenderForServers" | "DefenderForServers",
        /// Cloud monitor of storage.
        MicrosoftDefenderForStorage = "microsoftDefenderForStorage" | "DefenderForStorage",
        /// Cloud monitor of name resolution.
        MicrosoftDefenderForDns = "microsoftDefenderForDNS" | "DefenderForDNS",
        /// Cloud monitor of databases.
        MicrosoftDefenderForDatabases = "microsoftDefenderForDatabases" | "DefenderForDatabases",
        /// Cloud monitor of containers.
        MicrosoftDefenderForContainers = "microsoftDefenderForContainers" | "DefenderForContainers",
        /// Cloud monitor of the network.
        MicrosoftDefenderForNetwork = "microsoftDefenderForNetwork" | "DefenderForNetwork",
        /// Cloud monitor of web applications.
        MicrosoftDefenderForAppService = "microsoftDefenderForAppService" | "DefenderForAppService",
        /// Cloud monitor of key stores.
        MicrosoftDefenderForKeyVault = "microsoftDefenderForKeyVault" | "DefenderForKeyVault",
        /// Cloud monitor of the management plane.
        MicrosoftDefenderForResourceManager = "microsoftDefenderForResourceManager" | "DefenderForResourceManager",
        /// Cloud monitor of interfaces.
        MicrosoftDefenderForApiManagement = "microsoftDefenderForApiManagement" | "DefenderForApiManagement",
        /// Near-real-time rules of the log store.
        NrtAlerts = "nrtAlerts",
        /// Scheduled rules of the log store.
        ScheduledAlerts = "scheduledAlerts" | "ASIScheduledAlerts",
        /// Log store matched against threat intelligence.
        MicrosoftDefenderThreatIntelligenceAnalytics = "microsoftDefenderThreatIntelligenceAnalytics",
        /// Machine learning of the log store.
        BuiltInMl = "builtInMl",
        /// Insider risk management.
        MicrosoftInsiderRiskManagement = "microsoftInsiderRiskManagement" | "InsiderRiskManagement",
        /// Threat intelligence.
        MicrosoftThreatIntelligence = "microsoftThreatIntelligence",
        /// Cloud monitor of AI services.
        MicrosoftDefenderForAiServices = "microsoftDefenderForAIServices" | "DefenderForAIServices",
        /// Security Copilot.
        SecurityCopilot = "securityCopilot" | "MicrosoftSecurityCopilot",
        /// The log store itself.
        MicrosoftSentinel = "microsoftSentinel" | "AzureSentinel",
    }
}
