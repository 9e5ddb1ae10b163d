package dev.poststation.cli;

import dev.poststation.dkim.KeyRecord;
import dev.poststation.dkim.KeyRecord.Found;
import dev.poststation.dkim.Rotation;
import dev.poststation.dkim.Rotation.Step;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What became of keys of DKIM, for people and for programs. Pure functions.
final class DkimText {
  private DkimText() {}

  /// Prints what was done for a domain, and what is to do next.
  static void print(String domain, Rotation.Outcome outcome, PrintWriter out) {
    for (var selector : outcome.gone()) {
      out.println("The key " + selector + " of " + domain + " is gone.");
    }
    for (var record : outcome.unneeded()) {
      out.println("No mail needs " + record.name() + " any more: take it out of the DNS.");
    }
    String again = "poststation dkim rotate " + domain;
    switch (outcome.step()) {
      case Step.Made(var records) -> {
        out.println("New keys of " + domain + ", which do not sign yet. Publish these records:");
        out.println();
        records.forEach(record -> print(record, out));
        out.println();
        out.println("Then run: " + again);
      }
      case Step.Waiting(var records) -> {
        out.println(
            "The new keys of " + domain + " do not sign yet, for the DNS has to have them:");
        out.println();
        for (var each : records) {
          out.println("; " + each.record().name() + ": " + found(each.found()));
          print(each.record(), out);
        }
        out.println();
        out.println(
            "What was published just now may be seen an hour later, when name servers forget that"
                + " it was not there. Then run: "
                + again);
      }
      case Step.Activated(var selectors, var retired, var until) -> {
        out.println(
            "Mail of "
                + domain
                + " is signed by "
                + String.join(" and ", selectors)
                + " from now on; a relay that runs takes it over within ten seconds.");
        for (var record : retired) {
          out.println(
              "Leave "
                  + record.name()
                  + " in the DNS until "
                  + Words.time(until)
                  + ": mail under way is verified by it. Then take it out.");
        }
      }
      case Step.Nothing(var why) -> out.println("Nothing to do for " + domain + ": " + why + ".");
    }
  }

  private static void print(KeyRecord record, PrintWriter out) {
    out.println(record.zone());
  }

  /// What the DNS has.
  static String found(Found found) {
    return switch (found) {
      case Found.Same _ -> "published";
      case Found.Missing _ -> "not published";
      case Found.Different(var why) -> "something else is published: " + why;
      case Found.Unknown(var why) -> "nobody knows now: " + why;
    };
  }

  /// The same as one word.
  static String word(Found found) {
    return switch (found) {
      case Found.Same _ -> "published";
      case Found.Missing _ -> "missing";
      case Found.Different _ -> "different";
      case Found.Unknown _ -> "unknown";
    };
  }

  /// What was done, for programs.
  static Map<String, Object> json(String domain, Rotation.Outcome outcome) {
    var json = new LinkedHashMap<String, Object>();
    json.put("domain", domain);
    switch (outcome.step()) {
      case Step.Made(var records) -> {
        json.put("step", "made");
        json.put("records", records.stream().map(DkimText::json).toList());
      }
      case Step.Waiting(var records) -> {
        json.put("step", "waiting");
        List<Object> all = new ArrayList<>();
        records.forEach(each -> all.add(json(each.record(), each.found())));
        json.put("records", all);
      }
      case Step.Activated(var selectors, var retired, var until) -> {
        json.put("step", "activated");
        json.put("selectors", selectors);
        json.put("retired", retired.stream().map(KeyRecord::name).toList());
        json.put("keepUntil", until.toString());
      }
      case Step.Nothing(var why) -> {
        json.put("step", "nothing");
        json.put("why", why);
      }
    }
    json.put("gone", outcome.gone());
    json.put("unneeded", outcome.unneeded().stream().map(KeyRecord::name).toList());
    return json;
  }

  /// A record.
  static Map<String, Object> json(KeyRecord record) {
    var json = new LinkedHashMap<String, Object>();
    json.put("name", record.name());
    json.put("value", record.text());
    json.put("strings", record.strings());
    return json;
  }

  /// A record, and what the DNS has.
  static Map<String, Object> json(KeyRecord record, Found found) {
    var json = json(record);
    json.put("dns", word(found));
    json.put(
        "why",
        switch (found) {
          case Found.Different(var why) -> why;
          case Found.Unknown(var why) -> why;
          case Found.Same _, Found.Missing _ -> "";
        });
    return json;
  }
}
