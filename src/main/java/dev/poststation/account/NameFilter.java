package dev.poststation.account;

import com.unboundid.ldap.sdk.Attribute;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import dev.poststation.config.LdapSettings;
import dev.poststation.ldap.Searches;
import dev.poststation.sasl.UserNames;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// `users.ldap.filter`, and whether somebody whom it finds has the name that was said. Immutable;
/// safe for any thread.
///
/// A directory may find one person by many spellings: Active Directory compares without accents, so
/// that `änna` is `anna`. Failures are counted by the name that is said. So a spelling counts only
/// as what it is: equal to a value of the entry, when both are folded.
final class NameFilter {
  private final String template;
  private final Set<String> attributes = new LinkedHashSet<>();

  /// What values look like that the filter asks for; of one between which anything may stand,
  /// several.
  private final List<List<String>> forms = new ArrayList<>();

  /// @param template as it was configured
  NameFilter(String template) {
    this.template = template;
    collect(Searches.filter(template, LdapSettings.USER, LdapSettings.USER));
  }

  private void collect(Filter filter) {
    switch (filter.getFilterType()) {
      case Filter.FILTER_TYPE_AND, Filter.FILTER_TYPE_OR -> {
        for (var each : filter.getComponents()) {
          collect(each);
        }
      }
      case Filter.FILTER_TYPE_SUBSTRING ->
          add(
              filter,
              Stream.of(
                      Stream.of(orNothing(filter.getSubInitialString())),
                      Stream.of(filter.getSubAnyStrings()),
                      Stream.of(orNothing(filter.getSubFinalString())))
                  .flatMap(each -> each)
                  .toList());
      case Filter.FILTER_TYPE_NOT, Filter.FILTER_TYPE_PRESENCE -> {
        // Says who it is not.
      }
      default -> add(filter, List.of(orNothing(filter.getAssertionValue())));
    }
  }

  private static String orNothing(@Nullable String text) {
    return text == null ? "" : text;
  }

  private void add(Filter filter, List<String> form) {
    if (form.stream().noneMatch(text -> text.contains(LdapSettings.USER))) {
      return;
    }
    forms.add(form);
    if (filter.getAttributeName() != null) {
      attributes.add(filter.getAttributeName());
    }
  }

  /// What is asked.
  Filter of(String user) {
    return Searches.filter(template, LdapSettings.USER, user);
  }

  /// With which an entry must have been asked for.
  Set<String> attributes() {
    return attributes;
  }

  /// Whether an entry that was found has a value that the filter asks for, in whatever attribute: a
  /// server may call it otherwise than the filter does.
  boolean isCalled(Entry entry, String user) {
    return forms.isEmpty()
        || forms.stream().map(form -> pattern(form, user)).anyMatch(form -> says(entry, form));
  }

  private static Pattern pattern(List<String> form, String user) {
    return Pattern.compile(
        form.stream()
            .map(text -> Pattern.quote(UserNames.folded(text.replace(LdapSettings.USER, user))))
            .collect(Collectors.joining(".*")),
        Pattern.DOTALL);
  }

  private static boolean says(Entry entry, Pattern form) {
    return entry.getAttributes().stream()
        .map(Attribute::getValues)
        .flatMap(Stream::of)
        .anyMatch(value -> form.matcher(UserNames.folded(value.strip())).matches());
  }
}
