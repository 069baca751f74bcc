//! Addresses, URLs, names and connections.

use super::Evidence;
use super::complex::{GeoLocation, Stream};
use crate::model::enums::ProtocolType;
use crate::model::macros::graph_object;

graph_object! {
    /// An IP address.
    pub struct IpEvidence {
        "countryLetterCode" => country_letter_code: String,
        "ipAddress" => ip_address: String,
        "location" => location: GeoLocation,
        "stream" => stream: Stream,
    }
}

graph_object! {
    /// A URL.
    pub struct UrlEvidence {
        "url" => url: String,
    }
}

graph_object! {
    /// A domain name and how it resolved.
    pub struct DnsEvidence {
        "dnsServerIp" => dns_server_ip: Evidence as Ip,
        "domainName" => domain_name: String,
        "hostIpAddress" => host_ip_address: Evidence as Ip,
        "ipAddresses" => ip_addresses: [Evidence] as Ip,
    }
}

graph_object! {
    /// A connection between two addresses.
    pub struct NetworkConnectionEvidence {
        "destinationAddress" => destination_address: Evidence as Ip,
        "destinationPort" => destination_port: i32,
        "protocol" => protocol: ProtocolType,
        "sourceAddress" => source_address: Evidence as Ip,
        "sourcePort" => source_port: i32,
    }
}

graph_object! {
    /// A network interface.
    pub struct NicEvidence {
        "ipAddress" => ip_address: Evidence as Ip,
        "macAddress" => mac_address: String,
        /// Virtual networks, by name.
        "vlans" => vlans: [String],
    }
}
