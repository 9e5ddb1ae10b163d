/// The accepting and the sending half of the relay in virtual time, between clients and next hops
/// that do everything wrong.
package dev.poststation.hostile;
