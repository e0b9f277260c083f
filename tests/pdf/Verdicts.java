import java.io.FileInputStream;
import java.util.TreeMap;
import java.util.logging.LogManager;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;

/** veraPDF's verdict on many files in one virtual machine: java Verdicts.java 3a,ua1 FILE...
 *
 *  A line is a file, a profile, and "ok" or a rule that the file breaks with the first place, divided by tabs. */
public class Verdicts {
    public static void main(String[] arguments) throws Exception {
        LogManager.getLogManager().reset();
        VeraGreenfieldFoundryProvider.initialise();
        for (int i = 1; i < arguments.length; i++)
            for (String profile : arguments[0].split(","))
                judge(arguments[i], profile);
    }

    static void judge(String file, String profile) throws Exception {
        PDFAFlavour flavour = PDFAFlavour.fromString(profile);
        TreeMap<String, String> broken = new TreeMap<>();
        boolean compliant;
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour);
             PDFAValidator validator = Foundries.defaultInstance().createValidator(flavour, false)) {
            var result = validator.validate(parser);
            compliant = result.isCompliant();
            for (TestAssertion each : result.getTestAssertions())
                if (each.getStatus() == TestAssertion.Status.FAILED)
                    broken.putIfAbsent(each.getRuleId().getClause() + "-" + each.getRuleId().getTestNumber(),
                            each.getMessage() + " @ " + each.getLocation().getContext());
        }
        if (compliant)
            say(file, profile, "ok");
        else
            broken.forEach((rule, place) -> say(file, profile, rule + " " + place));
    }

    static void say(String file, String profile, String verdict) {
        System.out.println(file + "\t" + profile + "\t" + verdict.replaceAll("\\s+", " "));
    }
}
