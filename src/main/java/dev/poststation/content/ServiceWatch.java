package dev.poststation.content;

/// Is told when a service goes down, and when it is back; by any thread.
@FunctionalInterface
public interface ServiceWatch {
  /// Nobody is told.
  ServiceWatch NOBODY = (_, _, _) -> {};

  /// It went down, or is back.
  ///
  /// @param service its name in the configuration
  /// @param up whether it is back
  void changed(String service, boolean up, String reason);
}
