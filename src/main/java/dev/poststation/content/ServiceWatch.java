package dev.poststation.content;

/// Is told when a service goes down, and when it is back.
@FunctionalInterface
interface ServiceWatch {
  /// It went down, or is back.
  ///
  /// @param service its name in the configuration
  /// @param up whether it is back
  void changed(String service, boolean up, String reason);
}
