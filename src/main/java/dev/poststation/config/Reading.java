package dev.poststation.config;

import com.typesafe.config.ConfigOrigin;
import dev.poststation.os.Os;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// What all sections share while one configuration is read. Confined to one thread.
///
/// @param problems where problems are told
/// @param origins turns the library's word for a place into ours
/// @param base what relative paths are relative to
/// @param environment the environment variables
/// @param machine facts about this machine, for defaults and warnings
/// @param documenting whether nothing is read, and only the keys are of interest
/// @param elsewhere whether we are not in the relay's service, which may have secrets that are not
///   here
/// @param secrets those that were read, in order; grows while it is read
record Reading(
    Problems problems,
    Function<ConfigOrigin, Origin> origins,
    Path base,
    Os os,
    Map<String, String> environment,
    Machine machine,
    boolean documenting,
    boolean elsewhere,
    List<NamedSecret> secrets) {}
