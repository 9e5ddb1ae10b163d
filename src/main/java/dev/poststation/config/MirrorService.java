package dev.poststation.config;

import dev.poststation.config.ContentConditions.Direction;
import dev.poststation.smtp.Address;
import java.util.List;
import java.util.Set;

/// Has a copy of outbound mail sent to a filter that learns from it, with its settings. Whatever
/// becomes of the copy is no business of the mail. Immutable.
///
/// @param copy which one
/// @param to the address at the filter
public record MirrorService(Copy copy, Address to) implements KeepingService {
  static final List<String> KEYS = List.of("to", "copy");

  static MirrorService read(Section in) {
    Address to =
        in.required(
            "to",
            ClientKinds.ADDRESS,
            new Address("learn", "filter.example"),
            "learn@filter.example",
            """
            Of `mirror`: the address at the filter to which the copies go.
            """);
    return new MirrorService(ArchiveService.copy(in), to);
  }

  /// For which mail it is: outbound mail, and no other.
  ///
  /// @param when what was written
  static ContentConditions conditions(Section in, ContentConditions when) {
    boolean unsaid = when.direction().isEmpty();
    if (!unsaid && !when.direction().equals(Set.of(Direction.OUTBOUND))) {
      in.error(
          "for",
          in.path("for") + ": mirror is for mail to others alone, and direction says otherwise",
          "write direction = [outbound], or leave it out, which means the same here");
    }
    if (unsaid && when.own().isEmpty()) {
      in.error(
          "use",
          in.path("use") + " = mirror needs to know which domains are yours",
          "write own-domains = [\"example.com\"] at the top level");
    }
    return new ContentConditions(
        when.mail(), Set.of(Direction.OUTBOUND), when.own(), when.contentType(), when.partType());
  }
}
