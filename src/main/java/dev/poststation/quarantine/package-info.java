/// Mail in quarantine as people see it: what it is, what recipients are told of it, and the links
/// by which they have it released.
@org.jspecify.annotations.NullMarked
package dev.poststation.quarantine;
