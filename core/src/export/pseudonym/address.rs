//! Addresses: another one of the same class. Private stays private, public stays public; what every network has
//! (loopback, multicast, well-known resolvers) stays as it is. Which subnet an address is in decides no judgement, and is
//! not kept.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::resolve::canon;

use super::secret::Secret;

/// Private ranges of IPv4: first address, bits of the range.
const PRIVATE: [([u8; 4], u32); 5] =
    [([10, 0, 0, 0], 8), ([172, 16, 0, 0], 12), ([192, 168, 0, 0], 16), ([100, 64, 0, 0], 10), ([169, 254, 0, 0], 16)];

pub(super) fn other(secret: &Secret, ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(four) => {
            let other = other_four(secret, four);
            // In the form in which it came.
            if ip.is_ipv6() { IpAddr::V6(other.to_ipv6_mapped()) } else { IpAddr::V4(other) }
        }
        IpAddr::V6(six) => IpAddr::V6(other_six(secret, six)),
    }
}

fn other_four(secret: &Secret, ip: Ipv4Addr) -> Ipv4Addr {
    let number = u32::from(ip);
    for (first, bits) in PRIVATE {
        let (first, mask) = (u32::from(Ipv4Addr::from(first)), u32::MAX >> bits);
        if number & !mask == first {
            let host = secret.other(&format!("four{bits}"), u64::from(number & mask), u64::from(mask) + 1, |_| true);
            return Ipv4Addr::from(first | host as u32);
        }
    }
    if canon::is_common_address(IpAddr::V4(ip)) {
        return ip;
    }
    let public = |number: u64| !canon::is_common_address(IpAddr::V4(Ipv4Addr::from(number as u32)));
    Ipv4Addr::from(secret.other("four", u64::from(number), 1 << 32, public) as u32)
}

/// The first bits tell the class: global, unique local, link-local.
fn other_six(secret: &Secret, ip: Ipv6Addr) -> Ipv6Addr {
    let number = u128::from(ip);
    let kept = match number >> 118 {
        0x3fa => 10,
        top if top >> 3 == 0x7e => 7,
        _ if canon::is_common_address(IpAddr::V6(ip)) => return ip,
        _ => 3,
    };
    let mask = u128::MAX >> kept;
    let drawn = secret.draw_u128("six", &number.to_be_bytes());
    Ipv6Addr::from(number & !mask | drawn & mask)
}
