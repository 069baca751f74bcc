use super::*;

fn pseudonyms(key: &str) -> Pseudonyms {
    Pseudonyms::new(key, ["*\\mimikatz.exe"].into_iter())
}

/// The text with every made word as `_`, to see what stayed.
fn shape(pseudonyms: &Pseudonyms, text: &str) -> String {
    let words = text.split_inclusive(|c: char| !c.is_alphanumeric());
    words
        .map(|part| {
            let word = part.trim_end_matches(|c: char| !c.is_alphanumeric());
            let made = pseudonyms.taken.contains_key(&word.to_lowercase());
            if made { part.replacen(word, "_", 1) } else { part.to_owned() }
        })
        .collect()
}

#[test]
fn what_judgements_look_for_stays() {
    let mut p = pseudonyms("a key of some length");
    for (class, text, expected) in [
        (Class::Path, r"C:\Users\mira\AppData\Local\Temp\invoice.pdf.exe", r"C:\Users\_\AppData\Local\Temp\_.pdf.exe"),
        (Class::Path, r"C:\Users\temp\a.exe", r"C:\Users\_\a.exe"),
        (Class::Path, r"C:\Windows\System32\svchost.exe", r"C:\Windows\System32\svchost.exe"),
        (Class::Path, r"C:\Tools\mimikatz.exe", r"C:\_\mimikatz.exe"),
        (Class::Name, "mail@print.alder.example", "_@_._.example"),
        (Class::Name, r"NT AUTHORITY\SYSTEM", r"NT AUTHORITY\SYSTEM"),
        (Class::Name, r"ALDER\WS-1$", r"_\_-1$"),
        (Class::Url, "https://alder.example/temp/x.exe?u=mira", "https://_.example/temp/x.exe?u=_"),
        (Class::Name, "S-1-5-18", "S-1-5-18"),
        (Class::Name, "127.0.0.1", "127.0.0.1"),
        (Class::Name, "8.8.8.8", "8.8.8.8"),
        (Class::Prose, "Suspicious file on Alder", "Suspicious file on _"),
    ] {
        let made = p.text(class, text);
        assert_eq!(shape(&p, &made), expected, "{text} became {made}");
    }
}

#[test]
fn the_same_word_is_the_same_everywhere_and_in_every_case() {
    let mut p = pseudonyms("a key of some length");
    let host = p.text(Class::Name, "Alder");
    assert_eq!(p.text(Class::Name, "alder"), host.to_lowercase());
    assert_eq!(p.text(Class::Name, "ALDER"), host.to_uppercase());
    assert!(p.text(Class::Path, r"C:\alder\x").contains(&host.to_lowercase()));
    assert_ne!(host, pseudonyms("another key of some length").text(Class::Name, "Alder"));
    assert_eq!(host, pseudonyms("a key of some length").text(Class::Name, "Alder"));
    assert!(!p.clashed());
}

#[test]
fn forms_stay_forms() {
    let mut p = pseudonyms("a key of some length");
    let hash = "5F1E8ACEDC065031AAD553B710838EB366CFEE9A";
    let made = p.text(Class::Name, hash);
    assert!(made.len() == 40 && made != hash && canon::hash(&made, 40).is_some() && made == made.to_uppercase());
    let guid = p.text(Class::Name, "6deb8122-74dd-4cbb-98f7-559cb550398f");
    assert_eq!(guid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    let sid = p.text(Class::Name, "S-1-5-21-1004336348-1177238915-682003330-512");
    assert!(
        sid.starts_with("S-1-5-21-")
            && sid.ends_with("-512")
            && sid.split('-').count() == 8
            && !sid.contains("1177238915"),
        "{sid}"
    );
    let empty = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
    assert_eq!(p.text(Class::Name, empty), empty);
    let numbers: std::collections::BTreeSet<String> =
        (0..2_000).map(|n| p.text(Class::Name, &format!("{n:04}"))).collect();
    assert_eq!(numbers.len(), 2_000, "no two numbers become one");
}

#[test]
fn addresses_stay_in_their_class_in_every_form() {
    let mut p = pseudonyms("a key of some length");
    for text in [
        "10.1.2.3",
        "192.168.7.9",
        "172.16.0.1",
        "172.31.255.254",
        "100.64.1.1",
        "203.0.113.7",
        "fe80::1",
        "fd00::7",
        "2001:db8::9",
    ] {
        let before = canon::address(text).unwrap();
        let made = p.text(Class::Name, text);
        let after = canon::address(&made).unwrap();
        assert_ne!(before, after);
        assert_eq!(canon::is_common_address(before), canon::is_common_address(after), "{text} became {made}");
        assert_eq!(before.is_ipv4(), after.is_ipv4());
    }
    let plain = p.text(Class::Name, "203.0.113.7");
    assert_eq!(
        p.text(Class::Name, "203.0.113[.]7"),
        plain.rsplit_once('.').map(|(a, b)| format!("{a}[.]{b}")).unwrap()
    );
    assert_eq!(canon::address(&p.text(Class::Name, "::ffff:203.0.113.7")), canon::address(&plain));
    assert_eq!(
        canon::address(&p.text(Class::Name, "2001:DB8:0::9")),
        canon::address(&p.text(Class::Name, "2001:db8::9"))
    );
    assert_eq!(
        p.text(Class::Url, "http://203.0.113.7:8080/x"),
        format!("http://{plain}:8080/x").replace("8080", &p.text(Class::Name, "8080"))
    );
    assert!(p.text(Class::Name, "ec2-203-0-113-7").ends_with(&plain.replace('.', "-")));
}
