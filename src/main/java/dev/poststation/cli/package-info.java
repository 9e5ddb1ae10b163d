/// The commands of the program. Most of them ask the running relay through its local HTTP API;
/// `run`, `check`, `config`, `explain --offline` and `demo` work from the configuration file.
/// Called by `Main` only.
@NullMarked
package dev.poststation.cli;

import org.jspecify.annotations.NullMarked;
