package dev.poststation.config;

import com.typesafe.config.ConfigObject;
import com.typesafe.config.ConfigValue;
import com.typesafe.config.ConfigValueType;
import java.util.Set;

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

  /// The keys that follow where a name with dots was taken for keys within keys: `.example.com`.
  static String dottedRest(ConfigObject object, Set<String> known) {
    var rest = new StringBuilder();
    ConfigObject at = object;
    while (at.size() == 1) {
      var only = at.entrySet().iterator().next();
      if (known.contains(only.getKey()) || !(only.getValue() instanceof ConfigObject inner)) {
        break;
      }
      rest.append('.').append(only.getKey());
      at = inner;
    }
    return rest.toString();
  }
}
