//! Kinds whose identifiers are plain members, and which member that is for each of them.

use crate::ingest::tape::{At, Key};
use crate::resolve::canon;
use crate::resolve::kind::{EntityKind, IdType};
use crate::resolve::read::Base;
use crate::resolve::relation::Relation;

use super::Evidence;

impl Evidence<'_, '_, '_> {
    pub(super) fn cloud_application(&mut self, at: At, base: Base) -> u32 {
        let start = self.begin();
        let app = self.id_text(at, Key::AppId).or_else(|| self.id_text(at, Key::SaasAppId));
        let instance = self.id_text(at, Key::InstanceId);
        if let Some(app) = app {
            self.id(IdType::AppId, &format!("{app}|{}", instance.as_deref().unwrap_or_default()));
        } else {
            let name = self.text(at, Key::DisplayName).and_then(canon::token);
            self.id_if(IdType::Name, name);
        }
        let application = self.finish(start, EntityKind::CloudApplication, base);
        let shown = self.text(at, Key::DisplayName);
        self.name(application, shown);
        application
    }

    /// The kinds whose identifiers are plain members; parts lead to the whole they belong to.
    pub(super) fn by_table(&mut self, at: At, kind: EntityKind, base: Base, depth: u8) -> u32 {
        let (ids, parts) = table(kind);
        let mut wholes: Vec<u32> = Vec::new();
        let mut context = String::new();
        for (key, part_kind) in parts {
            if let Some(part) = self.object(at, *key)
                && let Some(whole) = self.entity(part, *part_kind, base.nested(), depth + 1)
            {
                {
                    // A name inside a namespace inside a cluster is only unique there.
                    let first = self.reader.out.occurrences.get(whole as usize).map(|o| o.ids.0);
                    if let Some(id) = first.and_then(|f| self.reader.out.ids.get(f as usize).copied()) {
                        context.push_str(self.reader.out.str(id.value));
                        context.push('/');
                    }
                    wholes.push(whole);
                }
            }
        }
        let start = self.begin();
        for (id_type, key) in ids {
            if let Some(value) = self.id_text(at, *key)
                && let Some(value) = canon::token(&value)
            {
                {
                    match id_type {
                        IdType::Name => self.id(IdType::Name, &format!("{context}{value}")),
                        IdType::Sid => self.id(IdType::Sid, &value.to_ascii_uppercase()),
                        _ => self.id(*id_type, &value),
                    }
                }
            }
        }
        let entity = self.finish(start, kind, base);
        if self.reader.out.wants_names {
            let keys = [
                Key::DisplayName,
                Key::Name,
                Key::ResourceName,
                Key::ServicePrincipalName,
                Key::AgentName,
                Key::Subject,
            ];
            let shown = keys.into_iter().find_map(|key| self.text(at, key));
            self.name(entity, shown);
        }
        for whole in wholes {
            self.relate(entity, Relation::PartOf, Some(whole));
        }
        entity
    }
}

type Ids = &'static [(IdType, Key)];
type Parts = &'static [(Key, EntityKind)];

/// Identifiers, strongest first, and the evidence inside that the entity is a part of.
fn table(kind: EntityKind) -> (Ids, Parts) {
    use EntityKind as K;
    match kind {
        K::SecurityGroup => {
            (&[(IdType::Sid, Key::Sid), (IdType::Id, Key::SecurityGroupId), (IdType::Name, Key::DisplayName)], &[])
        }
        K::ActiveDirectoryDomain => (&[(IdType::Domain, Key::ActiveDirectoryDomainName)], &[]),
        K::ServicePrincipal => (
            &[
                (IdType::ObjectId, Key::ServicePrincipalObjectId),
                (IdType::AppId, Key::AppId),
                (IdType::Name, Key::ServicePrincipalName),
            ],
            &[],
        ),
        K::CloudLogonRequest => (&[(IdType::Id, Key::RequestId)], &[]),
        K::Nic => (&[(IdType::Mac, Key::MacAddress)], &[(Key::IpAddress, K::Ip)]),
        K::MailCluster => (&[(IdType::Urn, Key::Urn), (IdType::Query, Key::Query)], &[]),
        K::SubmissionMail => (&[(IdType::NetworkMessage, Key::NetworkMessageId), (IdType::Id, Key::SubmissionId)], &[]),
        K::MailboxConfiguration => (&[(IdType::Id, Key::ConfigurationId)], &[]),
        K::TeamsMessage => (&[(IdType::Id, Key::MessageId), (IdType::Session, Key::ThreadId)], &[]),
        K::OauthApplication => {
            (&[(IdType::ObjectId, Key::ObjectId), (IdType::AppId, Key::AppId), (IdType::Name, Key::DisplayName)], &[])
        }
        K::AiAgent => (&[(IdType::Id, Key::AgentId), (IdType::Name, Key::AgentName)], &[]),
        K::AzureResource => (&[(IdType::Id, Key::ResourceId), (IdType::Name, Key::ResourceName)], &[]),
        K::AmazonResource => (&[(IdType::Id, Key::AmazonResourceId), (IdType::Name, Key::ResourceName)], &[]),
        K::GoogleCloudResource => (&[(IdType::Id, Key::FullResourceName), (IdType::Name, Key::ResourceName)], &[]),
        K::BlobContainer => {
            (&[(IdType::Url, Key::Url), (IdType::Name, Key::Name)], &[(Key::StorageResource, K::AzureResource)])
        }
        K::Blob => (&[(IdType::Url, Key::Url), (IdType::Name, Key::Name)], &[(Key::BlobContainer, K::BlobContainer)]),
        K::SasToken => (&[(IdType::Id, Key::SignatureHash)], &[(Key::StorageResource, K::AzureResource)]),
        K::Container => (
            &[(IdType::Id, Key::ContainerId), (IdType::Name, Key::Name)],
            &[(Key::Pod, K::KubernetesPod), (Key::Image, K::ContainerImage)],
        ),
        K::ContainerImage => (
            &[(IdType::Id, Key::ImageId)],
            &[(Key::Registry, K::ContainerRegistry), (Key::DigestImage, K::ContainerImage)],
        ),
        K::ContainerRegistry => (&[(IdType::Name, Key::Registry)], &[]),
        K::KubernetesCluster => (&[(IdType::Name, Key::Name)], &[(Key::CloudResource, K::AzureResource)]),
        K::KubernetesNamespace => (&[(IdType::Name, Key::Name)], &[(Key::Cluster, K::KubernetesCluster)]),
        K::KubernetesPod => (&[(IdType::Name, Key::Name)], &[(Key::Namespace, K::KubernetesNamespace)]),
        K::KubernetesController | K::KubernetesSecret | K::KubernetesService | K::KubernetesServiceAccount => {
            (&[(IdType::Name, Key::Name)], &[(Key::Namespace, K::KubernetesNamespace)])
        }
        K::GitHubOrganization => (&[(IdType::Id, Key::OrgId), (IdType::Name, Key::Login)], &[]),
        K::GitHubRepo => (&[(IdType::Id, Key::RepoId), (IdType::Name, Key::BaseUrl)], &[]),
        K::GitHubUser => (&[(IdType::Id, Key::UserId), (IdType::Name, Key::Login)], &[]),
        K::IotDevice => (
            &[(IdType::Id, Key::DeviceId), (IdType::ObjectId, Key::SerialNumber), (IdType::Mac, Key::MacAddress)],
            &[(Key::IpAddress, K::Ip)],
        ),
        _ => (&[(IdType::Id, Key::Id), (IdType::Name, Key::Name)], &[]),
    }
}
