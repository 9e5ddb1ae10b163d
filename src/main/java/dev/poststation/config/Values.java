package dev.poststation.config;

import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;

/// Looks at values as the library gives them.
final class Values {
  private Values() {}

  /// A single value as it was written: `007` stays `007`.
  static String text(ConfigValue value) {
    return value.valueType() == ConfigValueType.NULL ? "" : value.atKey("it").getString("it");
  }

  /// Whether it stands for an environment variable that is missing, which was told already.
  static boolean isMissing(ConfigValue value) {
    return value.valueType() == ConfigValueType.STRING && text(value).contains(Section.MISSING);
  }
}
