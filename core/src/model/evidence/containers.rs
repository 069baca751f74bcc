//! Containers and Kubernetes.

use super::Evidence;
use super::complex::KubernetesServicePort;
use crate::model::Dictionary;
use crate::model::enums::{KubernetesPlatform, KubernetesServiceType};
use crate::model::macros::graph_object;

graph_object! {
    /// A container.
    pub struct ContainerEvidence {
        "args" => args: [String],
        "command" => command: [String],
        "containerId" => container_id: String,
        "image" => image: Evidence as ContainerImage,
        "isPrivileged" => is_privileged: bool,
        "name" => name: String,
        "pod" => pod: Evidence as KubernetesPod,
    }
}

graph_object! {
    /// An image of containers.
    pub struct ContainerImageEvidence {
        "digestImage" => digest_image: Evidence as ContainerImage,
        "imageId" => image_id: String,
        "registry" => registry: Evidence as ContainerRegistry,
    }
}

graph_object! {
    /// A registry of container images.
    pub struct ContainerRegistryEvidence {
        "registry" => registry: String,
    }
}

graph_object! {
    /// A Kubernetes cluster.
    pub struct KubernetesClusterEvidence {
        "cloudResource" => cloud_resource: Evidence,
        "distribution" => distribution: String,
        "name" => name: String,
        "platform" => platform: KubernetesPlatform,
        "version" => version: String,
    }
}

graph_object! {
    /// A Kubernetes controller, such as a deployment.
    pub struct KubernetesControllerEvidence {
        "labels" => labels: Dictionary,
        "name" => name: String,
        "namespace" => namespace: Evidence as KubernetesNamespace,
        "type" => r#type: String,
    }
}

graph_object! {
    /// A Kubernetes namespace.
    pub struct KubernetesNamespaceEvidence {
        "cluster" => cluster: Evidence as KubernetesCluster,
        "labels" => labels: Dictionary,
        "name" => name: String,
    }
}

graph_object! {
    /// A Kubernetes pod.
    pub struct KubernetesPodEvidence {
        "containers" => containers: [Evidence] as Container,
        "controller" => controller: Evidence as KubernetesController,
        "ephemeralContainers" => ephemeral_containers: [Evidence] as Container,
        "initContainers" => init_containers: [Evidence] as Container,
        "labels" => labels: Dictionary,
        "name" => name: String,
        "namespace" => namespace: Evidence as KubernetesNamespace,
        "podIp" => pod_ip: Evidence as Ip,
        "serviceAccount" => service_account: Evidence as KubernetesServiceAccount,
    }
}

graph_object! {
    /// A Kubernetes secret.
    pub struct KubernetesSecretEvidence {
        "name" => name: String,
        "namespace" => namespace: Evidence as KubernetesNamespace,
        "secretType" => secret_type: String,
    }
}

graph_object! {
    /// A Kubernetes service.
    pub struct KubernetesServiceEvidence {
        "clusterIP" => cluster_ip: Evidence as Ip,
        "externalIPs" => external_ips: [Evidence] as Ip,
        "labels" => labels: Dictionary,
        "name" => name: String,
        "namespace" => namespace: Evidence as KubernetesNamespace,
        "selector" => selector: Dictionary,
        "servicePorts" => service_ports: [KubernetesServicePort],
        "serviceType" => service_type: KubernetesServiceType,
    }
}

graph_object! {
    /// A Kubernetes service account.
    pub struct KubernetesServiceAccountEvidence {
        "name" => name: String,
        "namespace" => namespace: Evidence as KubernetesNamespace,
    }
}
