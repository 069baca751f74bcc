//! The two macros that every noun is made with: a value set, and an object with typed fields.

/// Declares a value set of Graph: its names, its aliases and how unknown spellings survive.
///
/// `Variant = "graphName" | "alias"`; the first spelling is written, all of them are read.
macro_rules! graph_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$vmeta:meta])* $variant:ident = $text:literal $(| $alias:literal)*,)+
        }
    ) => {
        $(#[$meta])*
        ///
        /// A spelling that this version does not know is kept as it came in `Other`.
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            /// A value that this version does not know, spelt as it came.
            Other(Box<str>),
            $($(#[$vmeta])* $variant,)+
        }

        impl $name {
            /// All known values, in declared order.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Reads a value: Graph's name or an alias, whatever the case or the word breaks.
            #[must_use]
            pub fn parse(text: &str) -> Self {
                match text {
                    $($text => Self::$variant,)+
                    $(_ if $crate::model::macros::same_name(text, &[$text $(, $alias)*]) => Self::$variant,)+
                    _ => Self::Other(text.into()),
                }
            }

            /// Graph's name, or the unknown spelling as it came.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    Self::Other(text) => text,
                    $(Self::$variant => $text,)+
                }
            }

            /// Position in [`ALL`](Self::ALL); `None` for a value that is not known.
            #[must_use]
            pub fn index(&self) -> Option<u8> {
                Self::ALL.iter().position(|value| value == self).and_then(|at| u8::try_from(at).ok())
            }

            /// The known value at this position of [`ALL`](Self::ALL).
            #[must_use]
            pub fn from_index(index: u8) -> Option<Self> {
                Self::ALL.get(usize::from(index)).cloned()
            }
        }

        $crate::model::macros::text_item!($name);

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl ::serde::de::Visitor<'_> for Text {
                    type Value = $name;
                    fn expecting(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                        f.write_str("text")
                    }
                    fn visit_str<E: ::serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        Ok($name::parse(text))
                    }
                }
                deserializer.deserialize_str(Text)
            }
        }
    };
}
pub(crate) use graph_enum;

/// Lets a value set be the type of a field.
macro_rules! text_item {
    ($name:ident) => {
        impl $crate::model::slot::Item for $name {
            const EXPECTED: &'static str = "text";

            fn faithful(value: &::serde_json::Value) -> bool {
                value.as_str().is_some_and(|text| Self::parse(text).as_str() == text)
            }

            fn read(
                value: ::serde_json::Value,
                _: $crate::model::EvidenceKind,
                _: &$crate::model::Path<'_>,
                _: &mut Vec<$crate::error::Problem>,
            ) -> Result<Self, ::serde_json::Value> {
                value.as_str().map(Self::parse).ok_or(value)
            }
        }
    };
}
pub(crate) use text_item;

/// Whether `text` is one of `names`, whatever the case, spaces and punctuation.
pub(crate) fn same_name(text: &str, names: &[&str]) -> bool {
    // No name is near this long; a hostile value is not worth folding.
    const LONGEST: usize = 96;
    text.len() <= LONGEST && names.iter().any(|name| folded(text).eq(folded(name)))
}

fn folded(name: &str) -> impl Iterator<Item = char> + '_ {
    name.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase())
}

/// The Rust type of a field: a list, a nested evidence, or one value; all may be absent.
macro_rules! slot_type {
    ([$item:ty]) => { Vec<$item> };
    (Evidence) => { Option<Box<Evidence>> };
    ($item:ident) => { Option<$item> };
}
pub(crate) use slot_type;

/// Declares an object of Graph: `"graphName" => field: Type` per field.
///
/// `[Type]` is a list. `Evidence as Kind` is a nested evidence that may leave out its type.
/// Whatever a field cannot hold stays in `extra` under the field's own name, so that writing gives
/// it back; a field that was set since then wins over what was left there.
macro_rules! graph_object {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $($(#[$fmeta:meta])* $json:literal => $field:ident: $type:tt $(as $hint:ident)?,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$fmeta])*
                #[doc = concat!("`", $json, "`.")]
                pub $field: $crate::model::macros::slot_type!($type),
            )*
            /// Unknown fields, and the original of every known field that the typed one cannot give back.
            pub extra: ::serde_json::Map<String, ::serde_json::Value>,
        }

        $crate::model::macros::graph_object!(@fields $name { $($json => $field: $type $(as $hint)?,)* });

        impl $name {
            /// Reads an object. What does not fit its field is reported and stays in `extra`.
            #[must_use]
            pub fn from_map(
                mut map: ::serde_json::Map<String, ::serde_json::Value>,
                path: &$crate::model::Path<'_>,
                problems: &mut Vec<$crate::error::Problem>,
            ) -> Self {
                let mut object = Self::default();
                // Whatever map type the build uses.
                map.sort_keys();
                for (key, value) in map {
                    object.take_entry(key, value, path, problems);
                }
                object
            }
        }

        impl $name {
            fn read_map(
                map: ::serde_json::Map<String, ::serde_json::Value>,
                _: $crate::model::EvidenceKind,
                path: &$crate::model::Path<'_>,
                problems: &mut Vec<$crate::error::Problem>,
            ) -> Self {
                Self::from_map(map, path, problems)
            }
        }

        impl ::serde::Serialize for $name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use ::serde::ser::SerializeMap as _;
                let mut out = serializer.serialize_map(None)?;
                self.put_known(&mut out)?;
                self.put_rest(&mut out, &|_| false)?;
                out.end()
            }
        }

        $crate::model::macros::graph_object!(@object $name);
    };

    // Reading and writing of the known fields of a struct that has `extra`.
    (@fields $name:ident { $($json:literal => $field:ident: $type:tt $(as $hint:ident)?,)* }) => {
        impl $name {
            /// The names of the known fields, in declared order.
            pub const FIELDS: &[&str] = &[$($json,)*];

            fn take_entry(
                &mut self,
                key: String,
                value: ::serde_json::Value,
                path: &$crate::model::Path<'_>,
                problems: &mut Vec<$crate::error::Problem>,
            ) {
                let left = match key.as_str() {
                    $($json => $crate::model::slot::take(
                        &mut self.$field,
                        value,
                        $crate::model::macros::hint!($($hint)?),
                        &path.key($json),
                        problems,
                    ),)*
                    _ => Some(value),
                };
                if let Some(left) = left {
                    self.extra.insert(key, left);
                }
            }

            pub(crate) fn put_known<M: ::serde::ser::SerializeMap>(&self, out: &mut M) -> Result<(), M::Error> {
                $($crate::model::slot::put(
                    out,
                    $json,
                    &self.$field,
                    $crate::model::macros::hint!($($hint)?),
                    &self.extra,
                )?;)*
                Ok(())
            }

            pub(crate) fn put_rest<M: ::serde::ser::SerializeMap>(
                &self,
                out: &mut M,
                skip: &dyn Fn(&str) -> bool,
            ) -> Result<(), M::Error> {
                let known = |key: &str| Self::FIELDS.contains(&key);
                for (key, value) in self.extra.iter().filter(|(key, _)| !known(key) && !skip(key)) {
                    out.serialize_entry(key, value)?;
                }
                Ok(())
            }
        }
    };

    // What every object has on top of `from_map` and `Serialize`.
    (@object $name:ident) => {
        impl $crate::model::slot::Item for $name {
            const EXPECTED: &'static str = "an object";

            fn faithful(value: &::serde_json::Value) -> bool {
                value.is_object()
            }

            fn read(
                value: ::serde_json::Value,
                hint: $crate::model::EvidenceKind,
                path: &$crate::model::Path<'_>,
                problems: &mut Vec<$crate::error::Problem>,
            ) -> Result<Self, ::serde_json::Value> {
                match value {
                    ::serde_json::Value::Object(map) => Ok(Self::read_map(map, hint, path, problems)),
                    other => Err(other),
                }
            }
        }

        impl $name {
            /// Writes the object: known fields in declared order, then what `extra` adds.
            #[must_use]
            pub fn to_map(&self) -> ::serde_json::Map<String, ::serde_json::Value> {
                $crate::model::slot::to_map(self)
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let map = ::serde::Deserialize::deserialize(deserializer)?;
                Ok(Self::from_map(map, &$crate::model::Path::root(), &mut Vec::new()))
            }
        }
    };
}
pub(crate) use graph_object;

/// The kind that a nested evidence has when it does not say so itself.
macro_rules! hint {
    () => {
        $crate::model::EvidenceKind::Other
    };
    ($kind:ident) => {
        $crate::model::EvidenceKind::$kind
    };
}
pub(crate) use hint;
