/// The whole relay in simulated worlds: a kernel that runs virtual threads one at a time in an
/// order chosen by a seed and in virtual time, machines with networks and disks that fail, clients
/// and next hops that misbehave, and a ledger that knows what was promised.
package dev.poststation.sim.world;
