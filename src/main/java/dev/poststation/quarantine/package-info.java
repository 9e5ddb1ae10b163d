/// Mail in quarantine as people see it: its header, and what there is to read.
@org.jspecify.annotations.NullMarked
package dev.poststation.quarantine;
