//! Mailboxes, and messages with their senders, recipients and links.

use std::borrow::Cow;

use crate::ingest::tape::{At, Key};
use crate::resolve::canon;
use crate::resolve::kind::{EntityKind, IdType};
use crate::resolve::read::Base;
use crate::resolve::relation::Relation;

use super::{Evidence, is_null_guid, path};

impl Evidence<'_, '_, '_> {
    pub(super) fn mailbox(&mut self, at: At, base: Base) -> u32 {
        let start = self.begin();
        let primary = self.text(at, Key::PrimaryAddress).and_then(canon::token);
        let upn = self.text(at, Key::Upn).and_then(canon::token);
        self.id_if(IdType::Upn, upn.as_deref());
        self.id_if(IdType::Email, primary.as_deref());
        let mailbox = self.finish(start, EntityKind::Mailbox, base);
        let shown = self.text(at, Key::PrimaryAddress).or_else(|| self.text(at, Key::Upn));
        self.name(mailbox, shown);
        let owner = self.object(at, Key::UserAccount).and_then(|account| self.user(account, base.nested(), None));
        let owner = owner.or_else(|| upn.filter(|u| u.contains('@')).map(|upn| self.upn(&upn, base.nested())));
        self.relate(mailbox, Relation::Owner, owner);
        mailbox
    }

    fn upn(&mut self, upn: &str, base: Base) -> u32 {
        let start = self.begin();
        self.id(IdType::Upn, upn);
        self.finish(start, EntityKind::User, base)
    }

    fn email(&mut self, kind: EntityKind, address: &str, base: Base) -> Option<u32> {
        let start = self.begin();
        self.id_if(IdType::Email, canon::token(&canon::refang(address)).map(Cow::into_owned));
        (self.begin() > start).then(|| self.finish(start, kind, base))
    }

    pub(super) fn message(&mut self, at: At, base: Base) -> u32 {
        let start = self.begin();
        let network = self.text(at, Key::NetworkMessageId).and_then(canon::token).filter(|id| !is_null_guid(id));
        let recipient = self.text(at, Key::RecipientEmailAddress).and_then(canon::token);
        let internet = self.text(at, Key::InternetMessageId);
        if let Some(network) = &network {
            // One mail in two mailboxes is two messages.
            self.id(IdType::NetworkMessage, &format!("{network}|{}", recipient.as_deref().unwrap_or_default()));
        }
        self.id_if(IdType::InternetMessage, internet);
        let urn = self.text(at, Key::Urn).filter(|_| network.is_none());
        self.id_if(IdType::Urn, urn);
        let message = self.finish(start, EntityKind::AnalyzedMessage, base);
        let shown = self.text(at, Key::Subject);
        self.name(message, shown);
        for key in [Key::P2Sender, Key::P1Sender] {
            let sender = self.object(at, key).and_then(|s| self.text(s, Key::EmailAddress));
            let sender = sender.and_then(|s| self.email(EntityKind::EmailSender, s, base.nested()));
            self.relate(message, Relation::Sender, sender);
        }
        let mailbox = recipient.and_then(|r| self.email(EntityKind::Mailbox, &r, base.nested()));
        self.relate(message, Relation::Recipient, mailbox);
        let sender_ip = self.text(at, Key::SenderIp).and_then(|ip| self.address(ip, base.nested()));
        self.relate(message, Relation::Address, sender_ip);
        let urls: Vec<&str> = self.reader.texts(at, Key::Urls, &path(self.item)).collect();
        let most = self.limits.urls_per_message as usize;
        if urls.len() > most {
            let message = format!("{} URLs in one message, `limits.urlsPerMessage` reads the first {most}", urls.len());
            self.limit(".urls", message);
        }
        for url in urls.into_iter().take(most) {
            let url = self.url(url, base.nested());
            self.relate(message, Relation::Contains, url);
        }
        message
    }
}
