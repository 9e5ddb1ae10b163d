/// The settings as records, read once, checked completely, with the origin of every value.
///
/// Read at start and at each reload; a station is given its own record and never looks anything up.
@NullMarked
package dev.poststation.config;

import org.jspecify.annotations.NullMarked;
