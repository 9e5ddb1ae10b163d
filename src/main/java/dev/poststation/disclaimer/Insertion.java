package dev.poststation.disclaimer;

/// A text that is put into another one. Immutable.
///
/// @param at before which character
record Insertion(int at, String text) {}
