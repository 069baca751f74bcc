//! Cloud applications and AI agents.

use super::complex::Stream;
use crate::model::enums::AiAgentPlatform;
use crate::model::macros::graph_object;

graph_object! {
    /// A cloud application.
    pub struct CloudApplicationEvidence {
        "appId" => app_id: i64,
        "displayName" => display_name: String,
        "instanceId" => instance_id: i64,
        "instanceName" => instance_name: String,
        "saasAppId" => saas_app_id: i64,
        "stream" => stream: Stream,
    }
}

graph_object! {
    /// An application that was given rights.
    pub struct OauthApplicationEvidence {
        "appId" => app_id: String,
        "displayName" => display_name: String,
        "objectId" => object_id: String,
        "publisher" => publisher: String,
    }
}

graph_object! {
    /// An AI agent.
    pub struct AiAgentEvidence {
        "agentId" => agent_id: String,
        "agentName" => agent_name: String,
        "hostingPlatformType" => hosting_platform_type: AiAgentPlatform,
        "instructions" => instructions: String,
    }
}
