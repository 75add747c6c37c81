// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RelayRegistry} from "../src/RelayRegistry.sol";
import {TestUSDC} from "../src/TestUSDC.sol";
import {IRelayRegistry} from "../src/interfaces/IRelayRegistry.sol";
import {RegistryFixture} from "./support/RegistryFixture.sol";
import {vm} from "./support/Vm.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title An operator lists relays, changes them and leaves; nobody else can
contract RelayRegistryTest is RegistryFixture {
    function test_aRelayIsListedForABond() public {
        vm.expectEmit(address(registry));
        emit IRelayRegistry.RelayRegistered(alice, KEY, BOND, ADDRESSES);
        register(alice, KEY);
        IRelayRegistry.Relay memory relay = relayOf(alice, KEY);
        vm.assertEq(relay.peerKey, KEY, "peer key");
        vm.assertEq(relay.payee, alice, "payee");
        vm.assertEq(relay.bond, BOND, "bond");
        vm.assertEq(relay.registeredAt, START, "since");
        vm.assertEq(relay.leavesAt, 0, "stays");
        vm.assertEq(relay.addresses, ADDRESSES, "addresses");
        vm.assertEq(registry.relayCount(), 1, "listed");
        vm.assertEq(token.balanceOf(address(registry)), BOND, "held");
        vm.assertEq(token.balanceOf(alice), 1_000e6 - BOND, "paid");
    }

    function test_oneOperatorListsSeveralRelays() public {
        register(alice, KEY);
        register(alice, OTHER_KEY);
        vm.assertEq(registry.relayCount(), 2, "two");
        vm.assertEq(token.balanceOf(address(registry)), 2 * BOND, "a bond each");
    }

    function test_nobodyIsKeptOutByASquatter() public {
        endow(thief, BOND);
        register(thief, KEY);
        register(alice, KEY);
        vm.assertEq(registry.relayCount(), 2, "both claims stand");
        vm.assertEq(relayOf(alice, KEY).payee, alice, "hers");
        vm.assertEq(relayOf(thief, KEY).payee, thief, "the squatter's, which no descriptor confirms");
    }

    function test_theSameClaimIsMadeOnce() public {
        register(alice, KEY);
        vm.expectRevert(abi.encodeWithSelector(IRelayRegistry.AlreadyRegistered.selector, alice, KEY));
        register(alice, KEY);
    }

    function test_withoutABondNobodyIsListed() public {
        vm.prank(alice);
        token.approve(address(registry), BOND - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, address(registry), BOND - 1, uint256(BOND)
            )
        );
        register(alice, KEY);
        endow(thief, BOND - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, thief, BOND - 1, uint256(BOND))
        );
        register(thief, KEY);
        vm.assertEq(registry.relayCount(), 0, "nobody");
    }

    function test_addressesHaveABound() public {
        bytes memory longest = new bytes(256);
        bytes memory longer = new bytes(257);
        bytes memory tooLong = abi.encodeWithSelector(IRelayRegistry.AddressesTooLong.selector, 257, 256);
        vm.expectRevert(tooLong);
        vm.prank(alice);
        registry.register(KEY, longer);
        vm.prank(alice);
        registry.register(KEY, longest);
        vm.expectRevert(tooLong);
        vm.prank(alice);
        registry.update(KEY, longer);
        vm.assertEq(relayOf(alice, KEY).addresses, longest, "as long as allowed");
    }

    function test_aRelayThatCannotBeDialledHasNone() public {
        vm.prank(alice);
        registry.register(KEY, "");
        vm.assertEq(relayOf(alice, KEY).addresses, "", "none");
    }

    function test_anUpdateReplacesTheAddressesAndNothingElse() public {
        register(alice, KEY);
        vm.warp(START + 1);
        vm.expectEmit(address(registry));
        emit IRelayRegistry.RelayUpdated(alice, KEY, "elsewhere");
        vm.prank(alice);
        registry.update(KEY, "elsewhere");
        IRelayRegistry.Relay memory relay = relayOf(alice, KEY);
        vm.assertEq(relay.addresses, "elsewhere", "new");
        vm.assertEq(relay.registeredAt, START, "as old as before");
        vm.assertEq(token.balanceOf(address(registry)), BOND, "no second bond");
    }

    function test_onlyThePayeeChangesARelay() public {
        register(alice, KEY);
        bytes memory notYours = abi.encodeWithSelector(IRelayRegistry.NotRegistered.selector, thief, KEY);
        vm.expectRevert(notYours);
        vm.prank(thief);
        registry.update(KEY, "elsewhere");
        vm.expectRevert(notYours);
        announceLeave(thief, KEY);
        announceLeave(alice, KEY);
        vm.expectRevert(notYours);
        vm.prank(thief);
        registry.stay(KEY);
        vm.warp(START + DELAY);
        vm.expectRevert(notYours);
        withdraw(thief, KEY);
    }

    function test_whoLeavesStandsInTheListWithTheTime() public {
        register(alice, KEY);
        vm.warp(START + 1);
        vm.expectEmit(address(registry));
        emit IRelayRegistry.RelayLeaving(alice, KEY, uint40(START + 1 + DELAY));
        announceLeave(alice, KEY);
        (IRelayRegistry.Relay[] memory relays,) = registry.page(0, 1);
        vm.assertEq(relays[0].leavesAt, START + 1 + DELAY, "leaves then");
        vm.prank(alice);
        registry.update(KEY, "elsewhere");
        vm.assertEq(relayOf(alice, KEY).leavesAt, START + 1 + DELAY, "an update moves nothing");
    }

    function test_aSecondAnnouncementMovesNothing() public {
        register(alice, KEY);
        announceLeave(alice, KEY);
        vm.warp(START + 1);
        vm.expectRevert(abi.encodeWithSelector(IRelayRegistry.AlreadyLeaving.selector, KEY, START + DELAY));
        announceLeave(alice, KEY);
    }

    function test_whoStaysWaitsTheWholeDelayTheNextTime() public {
        register(alice, KEY);
        announceLeave(alice, KEY);
        vm.warp(START + DELAY);
        vm.expectEmit(address(registry));
        emit IRelayRegistry.RelayStaying(alice, KEY);
        vm.prank(alice);
        registry.stay(KEY);
        vm.assertEq(relayOf(alice, KEY).leavesAt, 0, "stays");
        vm.expectRevert(abi.encodeWithSelector(IRelayRegistry.NotLeaving.selector, alice, KEY));
        withdraw(alice, KEY);
        announceLeave(alice, KEY);
        vm.assertEq(relayOf(alice, KEY).leavesAt, START + 2 * DELAY, "anew");
    }

    function test_whoStaysAnywayHasNothingToTakeBack() public {
        register(alice, KEY);
        vm.expectRevert(abi.encodeWithSelector(IRelayRegistry.NotLeaving.selector, alice, KEY));
        vm.prank(alice);
        registry.stay(KEY);
    }

    function test_theBondComesBackAfterTheDelay() public {
        register(alice, KEY);
        announceLeave(alice, KEY);
        vm.warp(START + DELAY - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IRelayRegistry.LeaveDelayNotElapsed.selector, START + DELAY - 1, START + DELAY)
        );
        withdraw(alice, KEY);
        vm.warp(START + DELAY);
        vm.expectEmit(address(registry));
        emit IRelayRegistry.RelayWithdrawn(alice, KEY, BOND);
        withdraw(alice, KEY);
        vm.assertEq(token.balanceOf(alice), 1_000e6, "all of it");
        vm.assertEq(registry.relayCount(), 0, "gone");
        vm.assertEq(relayOf(alice, KEY).registeredAt, 0, "nothing left of it");
        vm.assertEq(relayOf(alice, KEY).addresses, "", "nor of its addresses");
        vm.expectRevert(abi.encodeWithSelector(IRelayRegistry.NotRegistered.selector, alice, KEY));
        withdraw(alice, KEY);
    }

    function test_nobodyLeavesWithoutSayingSo() public {
        register(alice, KEY);
        vm.warp(START + 365 days);
        vm.expectRevert(abi.encodeWithSelector(IRelayRegistry.NotLeaving.selector, alice, KEY));
        withdraw(alice, KEY);
    }

    function test_whoHasLeftMayComeAgain() public {
        register(alice, KEY);
        announceLeave(alice, KEY);
        vm.warp(START + DELAY);
        withdraw(alice, KEY);
        register(alice, KEY);
        IRelayRegistry.Relay memory relay = relayOf(alice, KEY);
        vm.assertEq(relay.registeredAt, START + DELAY, "as a new one");
        vm.assertEq(relay.leavesAt, 0, "that stays");
    }

    function test_aPayeeThatTheTokenFrozeTrapsOnlyItsOwnBond() public {
        register(alice, KEY);
        register(bob, KEY);
        announceLeave(alice, KEY);
        announceLeave(bob, KEY);
        vm.warp(START + DELAY);
        token.blacklist(alice);
        vm.expectRevert(abi.encodeWithSelector(TestUSDC.BlacklistedAccount.selector, alice));
        withdraw(alice, KEY);
        withdraw(bob, KEY);
        vm.assertEq(registry.relayCount(), 1, "hers stands, and its time has passed");
        token.unBlacklist(alice);
        withdraw(alice, KEY);
        vm.assertEq(token.balanceOf(alice), 1_000e6, "until it is lifted");
    }

    function test_aTokenThatAnswersNoKeepsNobodysBond() public {
        register(alice, KEY);
        announceLeave(alice, KEY);
        vm.warp(START + DELAY);
        vm.mockCall(address(token), abi.encodeCall(IERC20.transfer, (alice, BOND)), abi.encode(false));
        vm.expectRevert(abi.encodeWithSelector(SafeERC20.SafeERC20FailedOperation.selector, address(token)));
        withdraw(alice, KEY);
        vm.assertEq(relayOf(alice, KEY).bond, BOND, "still hers");
    }

    function test_itIsMadeWithABondAndADelayWithinBounds() public {
        vm.assertEq(registry.token(), address(token), "token");
        vm.assertEq(registry.bond(), BOND, "bond");
        vm.assertEq(registry.leaveDelay(), DELAY, "delay");
        vm.expectRevert(IRelayRegistry.ZeroBond.selector);
        new RelayRegistry(address(token), 0, DELAY);
        uint40[2] memory wrong = [uint40(1 hours - 1), 30 days + 1];
        uint40[2] memory right = [uint40(1 hours), 30 days];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(
                abi.encodeWithSelector(IRelayRegistry.LeaveDelayOutOfRange.selector, wrong[i], right[0], right[1])
            );
            new RelayRegistry(address(token), BOND, wrong[i]);
            vm.assertEq(new RelayRegistry(address(token), BOND, right[i]).leaveDelay(), right[i], "at the bound");
        }
    }

    function testFuzz_noBondLeavesEarly(uint40 asked, uint40 waited) public {
        uint40 delay = uint40(1 hours + (asked % (30 days - 1 hours + 1)));
        registry = new RelayRegistry(address(token), BOND, delay);
        endow(alice, 0);
        register(alice, KEY);
        announceLeave(alice, KEY);
        waited = uint40(waited % (uint256(delay) * 2));
        vm.warp(START + waited);
        if (waited < delay) vm.expectPartialRevert(IRelayRegistry.LeaveDelayNotElapsed.selector);
        withdraw(alice, KEY);
        vm.assertEq(token.balanceOf(alice), waited < delay ? 1_000e6 - BOND : 1_000e6, "only then");
    }

    function testFuzz_whateverIsWrittenIsRead(bytes32 key, bytes calldata first, bytes calldata second) public {
        first = first[:first.length < 256 ? first.length : 256];
        second = second[:second.length < 256 ? second.length : 256];
        vm.prank(alice);
        registry.register(key, first);
        vm.assertEq(relayOf(alice, key).addresses, first, "registered");
        vm.prank(alice);
        registry.update(key, second);
        vm.assertEq(relayOf(alice, key).addresses, second, "updated, longer or shorter");
        announceLeave(alice, key);
        vm.warp(START + DELAY);
        withdraw(alice, key);
        vm.assertEq(relayOf(alice, key).addresses, "", "withdrawn");
    }

    function testFuzz_aClaimIsOfOnePayeeAndOneKey(address payee, address other, bytes32 key, bytes32 otherKey) public {
        if (payee == other) other = address(uint160(other) ^ 1);
        if (key == otherKey) otherKey = ~otherKey;
        if (payee == address(0) || payee == address(registry)) return;
        endow(payee, BOND);
        register(payee, key);
        vm.assertEq(relayOf(payee, key).payee, payee, "listed");
        vm.assertEq(relayOf(other, key).registeredAt, 0, "for nobody else");
        vm.assertEq(relayOf(payee, otherKey).registeredAt, 0, "under no other key");
    }
}
